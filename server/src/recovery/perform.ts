import { join } from 'node:path'
import { progressTo } from '../backups/progress.ts'
import type { Perform, StepContext } from '../engine/engine.ts'
import { showSize } from '../kernel/sizes.ts'
import { placeNamed } from '../restores/perform.ts'
import type { RestorePorts } from '../restores/ports.ts'
import type { RecoveryStep } from './step.ts'

type Of<K extends RecoveryStep['kind']> = Extract<RecoveryStep, { kind: K }>

export interface RecoveryPorts {
  restores: RestorePorts
  /** Folder of the cluster's data, by its major. */
  dataFolder(): Promise<string>
  /** The moment of the last commit that a recovery replayed, as the server's log says it; null: it says none. */
  lastCommit(): Promise<string | null>
}

/** What each kind of step does. */
export function recoveryPerformer(ports: RecoveryPorts): Perform<RecoveryStep> {
  return (step, context) =>
    step.kind === 'recover.cluster'
      ? recoverCluster(ports, step, context)
      : recoverFolder(ports, step, context)
}

async function recoverCluster(
  { restores, dataFolder, lastCommit }: RecoveryPorts,
  step: Of<'recover.cluster'>,
  context: StepContext,
): Promise<string> {
  const { files, home } = restores.deploys
  const data = await dataFolder()
  const scratch = join(home.backups, 'recovering')
  // Written last: a restore that was cut off has none, and begins again.
  if (!(await files.exists(join(data, 'global/pg_control')))) {
    await restores.physical.restore({
      place: await placeNamed(restores, step.place),
      target: { kind: 'latest' },
      databases: null,
      into: data,
      scratch,
      signal: context.signal,
      onProgress: progressTo(context.say, restores.deploys.clock.now),
    })
  }
  context.say('replaying the write-ahead log')
  await restores.cluster.ensure(context.signal)
  // How it was to find the log is of no use any more.
  await restores.cluster.superuser('postgres', query => query('alter system reset all'))
  await files.remove(scratch)
  const last = await lastCommit()
  return last === null ? 'it was at rest' : `the last commit in it is of ${last}`
}

async function recoverFolder(
  { restores }: RecoveryPorts,
  step: Of<'recover.folder'>,
  context: StepContext,
): Promise<string> {
  const { files, home, account, clock } = restores.deploys
  const own = home.app(step.app)
  const target = { files: own.shared, releases: own.releases, redis: own.redis }[step.of]
  const beside = `${target}.recovering`
  await files.remove(beside)
  await files.folder(beside, step.of === 'redis' ? 0o700 : 0o711)
  const { bytes } = await restores.snapshots.restore({
    place: await placeNamed(restores, step.place),
    id: step.snapshot,
    into: beside,
    signal: context.signal,
    onProgress: progressTo(context.say, clock.now),
  })
  if (step.of === 'redis') await restores.rename(join(beside, 'dump.rdb'), join(beside, 'appendonly.aof'))
  // Users have other numbers on another machine.
  await files.own(beside, await account(step.app))
  await files.remove(target)
  await restores.rename(beside, target)
  return showSize(bytes)
}
