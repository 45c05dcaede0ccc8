import { join } from 'node:path'
import { redisName } from '../../apps/app/names.ts'
import { makeHome } from '../../apps/deploys/perform-home.ts'
import { type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import { progressTo } from '../backups/progress.ts'
import { placeNamed } from '../repositories/ready.ts'
import { fetchSnapshot } from '../restores/perform-files.ts'
import type { RestorePorts } from '../restores/ports.ts'
import { receivedAt, receivedFolders } from '../streaming/receive.ts'
import type { RecoveryStep } from './step.ts'

type Of<K extends RecoveryStep['kind']> = Extract<RecoveryStep, { kind: K }>

export interface RecoveryPorts {
  restores: RestorePorts
  /** The cluster's data folder, whose path contains its major. */
  dataFolder(): Promise<string>
  /** The time of the last commit that a recovery replayed, as the server's log has it; null: the log has none. */
  lastCommit(): Promise<string | null>
}

/** What each kind of step does. */
export function recoveryPerformer(ports: RecoveryPorts): Perform<RecoveryStep> {
  const performers: Performers<RecoveryStep> = {
    'recover.cluster': (s, c) => recoverCluster(ports, s, c),
    'recover.folder': (s, c) => recoverFolder(ports, s, c),
    'recover.aside': s => putAside(ports, s),
    'recover.back': s => putBack(ports, s),
  }
  return performing(performers)
}

/** The segment in which the cluster's timeline began, from the last line of its history file; null: it is the first timeline. */
const BEGAN = `
  select pg_walfile_name((regexp_match(history, '([0-9A-F]+/[0-9A-F]+)[^/]*$'))[1]::pg_lsn) as began
    from left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline,
      pg_read_file('pg_wal/' || timeline || '.history', 0, 1000000, true) as history`

/** Fails unless all WAL of the place was replayed: then the new timeline begins behind every older segment. Segment names are timeline and position. */
async function reachedEnd({ cluster }: RestorePorts, segments: readonly string[]): Promise<void> {
  const [row] = await cluster.superuser(query => query(BEGAN))
  const began = String(row!['began'])
  // Segments of the new timeline are ignored: when this step runs again, some may be archived already.
  const furthest = segments.findLast(name => name.slice(0, 8) !== began.slice(0, 8))
  if (furthest === undefined) return
  if (began.slice(0, 8) > furthest.slice(0, 8) && began.slice(8) >= furthest.slice(8)) return
  throw new Failure('recover.short', 'not all of the write-ahead log that the place has was replayed', {
    why: `it reaches ${furthest}, and the cluster goes on from ${began}`,
    fix: 'inn logs postgres says where it stopped; then again: inn recovery database',
  })
}

/** Renames the old data folder to the plan's name beside it. If that exists already, an earlier run of this step did it. */
async function putAside({ restores }: RecoveryPorts, step: Of<'recover.aside'>): Promise<string> {
  const { files, supervisor } = restores
  if ((await supervisor.state('postgres')) !== null) await supervisor.stop('postgres')
  // Archiving stops, so that a timeline of a failed try never gets into the archive: every later restore would follow it.
  await restores.physical.archiveTo([])
  const before = await files.exists(step.aside)
  const any = !before && (await files.exists(step.data))
  if (any) await restores.rename(step.data, step.aside)
  // An empty folder with the major as its name tells the keeper which cluster will come back.
  await files.folder(step.data, 0o700)
  return any || before ? step.aside : 'nothing is left of them'
}

async function putBack({ restores }: RecoveryPorts, step: Of<'recover.back'>): Promise<void> {
  const { files, supervisor } = restores
  if ((await supervisor.state('postgres')) !== null) await supervisor.stop('postgres')
  if (await files.exists(step.aside)) {
    await files.remove(step.data)
    await restores.rename(step.aside, step.data)
  }
  await restores.physical.archiveTo((await restores.policy()).places)
  if ((await supervisor.state('postgres')) !== null) await supervisor.start('postgres')
}

async function recoverCluster(
  { restores, dataFolder, lastCommit }: RecoveryPorts,
  step: Of<'recover.cluster'>,
  context: StepContext,
): Promise<string> {
  const { files, home } = restores
  const data = await dataFolder()
  const scratch = join(home.backups, 'recovering')
  const place = await placeNamed(restores, step.place)
  const { segments } = await restores.physical.archive(place)
  const received = await streamed(restores)
  // pg_control is restored last: without it, an earlier restore was interrupted and begins again.
  if (!(await files.exists(join(data, 'global/pg_control')))) {
    await restores.physical.restore({
      place,
      received,
      target: { kind: 'latest' },
      databases: null,
      into: data,
      scratch,
      signal: context.signal,
      onProgress: progressTo(context.say, restores.clock.now),
    })
  }
  context.say('replaying the write-ahead log')
  await restores.cluster.ensure(context.signal)
  await reachedEnd(restores, segments)
  // Archiving starts only after that check: a partly replayed WAL would count as the newest. And before all else, because a failed archive_command is repeated only after a minute.
  await restores.physical.archiveTo((await restores.policy()).places)
  // The recovered cluster no longer needs to know where its log came from.
  await restores.cluster.superuser(query => query('alter system reset all'))
  await files.remove(scratch)
  const last = await lastCommit()
  const stream = await streamAgain(restores, context.signal)
  return `${last === null ? 'it was at rest' : `the last commit in it is of ${last}`}${stream}`
}

/** Folders that the WAL was streamed to. The last commits under `rpo: 0` are only there, so the folder must not be missing. */
async function streamed({ policy, files }: RestorePorts): Promise<string[]> {
  const { places, receive } = await policy()
  const folders = receivedFolders(places)
  const there = await Promise.all(folders.map(folder => files.exists(folder)))
  const needed = receive === null ? null : receivedAt(receive.place)
  if (needed !== null && !there[folders.indexOf(needed)])
    throw new Failure('recover.received', `${needed} is not there`, {
      why: `rpo: 0 of ${list(receive!.apps)} wrote each commit there, and what was not archived yet is nowhere else`,
      fix: `mount the disk; if it is lost, and its last minute with it: mkdir ${needed}, then again`,
    })
  return folders.filter((_, n) => there[n])
}

/** Sets up streaming again before any app starts. A failure does not fail the recovery: an alarm reports it, and a timer tries again. */
async function streamAgain({ policy, cluster }: RestorePorts, signal: AbortSignal): Promise<string> {
  const { receive } = await policy()
  if (receive === null) return ''
  try {
    await cluster.receive(receivedAt(receive.place), signal)
    return ''
  } catch (error) {
    signal.throwIfAborted()
    return `; commits do not wait for ${receive.place.name} yet: ${describe(error).what}`
  }
}

const inUse = (app: string): Failure =>
  new Failure('recover.in-use', `${app} runs here`, {
    why: 'what its visitors left since would be written over',
    fix: `to return to an earlier moment: inn restore ${app}`,
  })

async function recoverFolder(
  { restores }: RecoveryPorts,
  step: Of<'recover.folder'>,
  context: StepContext,
): Promise<string> {
  const { files, home, apps, supervisor } = restores
  if ((await apps.find(step.app))?.state === 'running') throw inUse(step.app)
  await makeHome(restores, step.app)
  const own = home.app(step.app)
  const target = { files: own.shared, releases: own.releases, redis: own.redis }[step.of]
  const beside = join(own.closed, step.of)
  const bytes = await fetchSnapshot(restores, step, beside, context)
  await giveBack(restores, step, beside)
  // An earlier try may have started Redis already: it would go on with files that are removed here.
  const redis = redisName(step.app)
  if (step.of === 'redis' && (await supervisor.state(redis)) !== null) await supervisor.stop(redis)
  await files.remove(target)
  await restores.rename(beside, target)
  return showSize(bytes)
}

/** Sets the owners, because users have other ids on another machine. Of a release, the app owns `tree`, and root owns the rest. */
async function giveBack(
  { files, account, source }: RestorePorts,
  { app, of }: Of<'recover.folder'>,
  folder: string,
): Promise<void> {
  const user = await account(app)
  if (of !== 'releases') {
    await files.own(folder, user)
    return files.give(folder, user, of === 'files' ? 0o750 : 0o700)
  }
  if (user !== null) await files.own(folder, 'root')
  for (const release of (await source(folder).names('.')) ?? [])
    if (await files.exists(join(folder, release, 'tree')))
      await files.own(join(folder, release, 'tree'), user)
  await files.give(folder, null, 0o711)
}
