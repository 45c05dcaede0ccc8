import { join } from 'node:path'
import { urlAt } from '../../apps/databases/url.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'
import { DUMP_FILE, givenUrl } from '../backups/perform-parts.ts'
import { fetchSnapshot } from './perform-files.ts'
import type { RestorePorts } from './ports.ts'
import { differs, pendingFor } from './proof.ts'
import { differences, RESERVE_BYTES } from './rule.ts'
import type { RestoreStep } from './step.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

const orderOf = async (
  ports: RestorePorts,
  url: string,
  step: Of<'restore.fill'> | Of<'restore.verify'>,
  { signal }: Pick<StepContext, 'signal'>,
) => {
  const scratch = await ports.scratch(step.copy)
  return { url: urlAt(url, step.fresh), file: join(scratch, DUMP_FILE), scratch, signal }
}

/** Loads the dump into a new database beside the app's own. */
export async function fillBeside(
  ports: RestorePorts,
  step: Of<'restore.fill'>,
  context: StepContext,
): Promise<void> {
  const url = await givenUrl(ports, step.app)
  await ports.elsewhere.beside(url, step.fresh)
  await ports.elsewhere.load(await orderOf(ports, url, step, context))
}

/** Compares what `pg_dump` writes of the dump and of the database, because there is no second server to count on. */
export async function verifyBeside(
  ports: RestorePorts,
  step: Of<'restore.verify'>,
  context: StepContext,
): Promise<string> {
  const url = await givenUrl(ports, step.app)
  const { dump, database } = await ports.elsewhere.compare(await orderOf(ports, url, step, context))
  const found = differences(dump, database)
  if (found.length > 0) throw differs(found)
  const rows = Object.values(database).reduce((sum, table) => sum + table.rows, 0)
  const pending = await pendingFor(ports, step, work => ports.database(urlAt(url, step.fresh), work))
  return `${count(Object.keys(database).length, 'table')}, ${count(rows, 'row')}, all alike${pending}`
}

/** Checks everything about the other server that can be checked while the app still serves. */
export async function checkDump(ports: RestorePorts, step: Of<'restore.check-dump'>): Promise<string> {
  const { bytes } = await ports.elsewhere.check(await givenUrl(ports, step.app))
  const { diskFree } = await ports.room()
  if (diskFree < step.bytes + RESERVE_BYTES)
    throw new Failure('restore.room', 'there is no room for the dump while it is loaded', {
      why: `it takes ${showSize(step.bytes)}, and ${showSize(diskFree)} are free`,
      fix: 'free some space: `df -h`; `inn releases` shows what releases take',
    })
  return `a dump of ${showSize(step.bytes)}; the database holds ${showSize(bytes)} now`
}

export async function fetchDump(
  ports: RestorePorts,
  step: Of<'restore.fetch-dump'>,
  context: StepContext,
): Promise<string> {
  const folder = await ports.scratch(step.copy)
  await fetchSnapshot(ports, { ...step, of: 'dump' }, folder, context)
  return ports.elsewhere.fits(await givenUrl(ports, step.app), join(folder, DUMP_FILE))
}
