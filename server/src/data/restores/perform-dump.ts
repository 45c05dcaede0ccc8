import { join } from 'node:path'
import type { StepContext } from '../../engine/engine.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { DUMP_FILE, givenUrl } from '../backups/perform-parts.ts'
import type { Counted } from '../backups/point.ts'
import { urlAt } from '../databases/url.ts'
import { fetchSnapshot } from './perform-files.ts'
import type { RestorePorts } from './ports.ts'
import type { RestoreStep } from './step.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** What was to come back, and what did, by table. */
export type Both = [Record<string, Counted>, Record<string, Counted>]

/** Left free on the disk for whatever else is written meanwhile. */
export const RESERVE_BYTES = 1024 ** 3

/** Everything that can be known of the database elsewhere before anybody is shut out. */
export async function checkDump(ports: RestorePorts, step: Of<'restore.check-dump'>): Promise<string> {
  const { bytes } = await ports.elsewhere.check(await givenUrl(ports, step.app))
  const { diskFree } = await ports.room()
  if (diskFree < step.bytes + RESERVE_BYTES)
    throw new Failure('restore.room', 'there is no room for the dump on its way', {
      why: `it takes ${showSize(step.bytes)}, and ${showSize(diskFree)} are free`,
      fix: 'free some space: df -h; inn releases shows what releases take',
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

async function orderOf(
  ports: RestorePorts,
  step: Of<'restore.fill'> | Of<'restore.verify'>,
  { signal }: StepContext,
) {
  const scratch = await ports.scratch(step.copy)
  const url = urlAt(await givenUrl(ports, step.app), step.fresh)
  return { url, file: join(scratch, DUMP_FILE), scratch, signal }
}

export async function fillFromDump(
  ports: RestorePorts,
  step: Of<'restore.fill'>,
  context: StepContext,
): Promise<void> {
  await ports.elsewhere.beside(await givenUrl(ports, step.app), step.fresh)
  await ports.elsewhere.load(await orderOf(ports, step, context))
}

/** As `pg_dump` writes both: there is no other server to compare with. */
export async function bothOfDump(
  ports: RestorePorts,
  step: Of<'restore.verify'>,
  context: StepContext,
): Promise<Both> {
  const { dump, database } = await ports.elsewhere.compare(await orderOf(ports, step, context))
  return [dump, database]
}
