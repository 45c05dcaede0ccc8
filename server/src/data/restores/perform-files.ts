import { join } from 'node:path'
import { redisName } from '../../apps/app/names.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { progressTo } from '../backups/progress.ts'
import { placeNamed } from '../repositories/ready.ts'
import type { RestorePorts } from './ports.ts'
import { RESERVE_BYTES } from './rule.ts'
import type { Names, RestoreStep } from './step.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>
type Moved = { app: string; of: 'files' | 'redis' } & Names

/** The app's own folder, the restored one and the one put aside. All are on one disk, so a rename is enough. Only root reaches the latter two. */
function folders(ports: Pick<RestorePorts, 'home'>, { app, of, fresh, aside }: Moved) {
  const home = ports.home.app(app)
  const own = of === 'files' ? home.shared : home.redis
  const beside = (name: string) => join(home.closed, `${of}.${name}`)
  return { own, fresh: beside(fresh), aside: beside(aside) }
}

/** Checks, while the app serves, that what comes back fits beside what is there. */
export async function checkFiles(
  ports: Pick<RestorePorts, 'room'>,
  { bytes }: Of<'restore.check-files'>,
): Promise<string> {
  const { diskFree } = await ports.room()
  if (diskFree < bytes + RESERVE_BYTES)
    throw new Failure('restore.room', 'there is no room to restore beside what is there', {
      why: `what comes back takes ${showSize(bytes)}, ${showSize(RESERVE_BYTES)} have to stay free, and ${showSize(diskFree)} are`,
      fix: 'free some space: `df -h`; `inn releases` shows what releases take',
    })
  return `${showSize(bytes)} to restore, ${showSize(diskFree)} free`
}

export async function fetchFiles(
  ports: RestorePorts,
  step: Of<'restore.files'>,
  context: StepContext,
): Promise<string> {
  const { fresh } = folders(ports, step)
  const bytes = await fetchSnapshot(ports, step, fresh, context)
  const { files, account } = ports
  // The user ids in the snapshot may belong to somebody else by now.
  await files.own(fresh, await account(step.app))
  return showSize(bytes)
}

/** Restores a snapshot into the folder `into`, whose old content is removed, ready to be used. Returns its bytes. */
export async function fetchSnapshot(
  ports: RestorePorts,
  step: { place: string; snapshot: string; of: 'files' | 'releases' | 'redis' | 'dump' },
  into: string,
  context: StepContext,
): Promise<number> {
  const { files, clock } = ports
  await files.remove(into)
  await files.folder(into, 0o700)
  const { bytes } = await ports.snapshots.restore({
    place: await placeNamed(ports, step.place),
    id: step.snapshot,
    into,
    signal: context.signal,
    onProgress: progressTo(context.say, clock.now),
  })
  // With appendonly on, Redis reads only its append-only file. A snapshot is a valid beginning of one.
  if (step.of === 'redis') await ports.rename(join(into, 'dump.rdb'), join(into, 'appendonly.aof'))
  return bytes
}

const LONGEST_LOAD_MS = 10 * 60_000

/** Redis is stopped while its files change places: it would write over them. */
async function withRedisStopped(ports: RestorePorts, step: Moved, work: () => Promise<void>): Promise<void> {
  const service = redisName(step.app)
  const { supervisor } = ports
  const known = step.of === 'redis' && (await supervisor.state(service)) !== null
  if (known) await supervisor.stop(service)
  await work()
  if (!known) return
  await supervisor.start(service)
  await answers(ports, step.app)
}

/** Waits until Redis answers. It reads the whole file before, and exits when it cannot. */
async function answers(ports: RestorePorts, app: string): Promise<void> {
  const { supervisor, clock, apps, probe } = ports
  const port = (await apps.ports()).get(redisName(app))!
  const before = (await supervisor.state(redisName(app)))!.crashes
  for (const end = clock.now() + LONGEST_LOAD_MS; ; await clock.sleep(100)) {
    const problem = await probe.tcp(port, 1_000).then(
      () => null,
      (error: Error) => error,
    )
    if (problem === null) return
    const { crashes } = (await supervisor.state(redisName(app)))!
    if (crashes === before && clock.now() < end) continue
    throw new Failure('restore.redis', `the Redis of ${app} does not come up on what was restored`, {
      why: problem.message,
      fix: `\`inn logs ${app} --service redis\`; what it had before is put back`,
    })
  }
}

/** Puts the app's folder aside and the restored one in its place; does nothing when it was done already. */
export async function swapFiles(ports: RestorePorts, step: Moved): Promise<void> {
  const { own, fresh, aside } = folders(ports, step)
  const { files, account } = ports
  await withRedisStopped(ports, step, async () => {
    if (!(await files.exists(fresh))) return
    if (await files.exists(own)) await ports.rename(own, aside)
    await ports.rename(fresh, own)
    await files.give(own, await account(step.app), step.of === 'files' ? 0o750 : 0o700)
  })
}

export async function backFiles(ports: RestorePorts, step: Moved): Promise<void> {
  const { own, fresh, aside } = folders(ports, step)
  const { files } = ports
  await withRedisStopped(ports, step, async () => {
    if (!(await files.exists(aside))) return
    if (await files.exists(own)) await ports.rename(own, fresh)
    await ports.rename(aside, own)
  })
}

/** Removes the folders beside the app's own that have this name. */
/** The folders that are put aside under a name. */
export const asideFolders = (ports: Pick<RestorePorts, 'home'>, app: string, name: string): string[] =>
  (['files', 'redis'] as const).map(of => folders(ports, { app, of, copy: '', fresh: '', aside: name }).aside)

export async function removeBeside(ports: RestorePorts, app: string, name: string): Promise<void> {
  for (const folder of asideFolders(ports, app, name)) await ports.files.remove(folder)
}
