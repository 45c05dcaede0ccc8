import { join } from 'node:path'
import { urlAt } from '../../apps/databases/url.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { DUMP_FILE, givenUrl } from '../backups/perform-parts.ts'
import { fetchSnapshot } from './perform-files.ts'
import type { RestorePorts } from './ports.ts'
import { RESERVE_BYTES } from './rule.ts'
import type { RestoreStep } from './step.ts'
import type { Target } from './target.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** The database of an app at a url, on a server that Innkeeper does not run. Its data comes from a dump. */
export function onUrl(ports: RestorePorts, url: string): Target {
  const { elsewhere } = ports
  const orderOf = async (
    step: Of<'restore.fill'> | Of<'restore.verify'>,
    { signal }: Pick<StepContext, 'signal'>,
  ) => {
    const scratch = await ports.scratch(step.copy)
    return { url: urlAt(url, step.fresh), file: join(scratch, DUMP_FILE), scratch, signal }
  }
  return {
    async fill(step, context) {
      await elsewhere.beside(url, step.fresh)
      await elsewhere.load(await orderOf(step, context))
    },
    /** Compares what `pg_dump` writes of both, because there is no second server to count on. */
    async both(step, context) {
      const { dump, database } = await elsewhere.compare(await orderOf(step, context))
      return [dump, database]
    },
    swap: names => elsewhere.swap(url, names),
    drop: database => elsewhere.drop(url, database),
    query: (database, work) => ports.database(urlAt(url, database), work),
  }
}

/** Checks everything about the other server that can be checked while the app still serves. */
export async function checkDump(ports: RestorePorts, step: Of<'restore.check-dump'>): Promise<string> {
  const { bytes } = await ports.elsewhere.check(await givenUrl(ports, step.app))
  const { diskFree } = await ports.room()
  if (diskFree < step.bytes + RESERVE_BYTES)
    throw new Failure('restore.room', 'there is no room for the dump while it is loaded', {
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
