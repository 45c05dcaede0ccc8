import { postgresName, recoveryAside } from '../../apps/app/names.ts'
import type { StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { progressTo } from '../backups/progress.ts'
import type { Place } from '../places/place.ts'
import { placeNamed } from '../repositories/ready.ts'
import { branched } from '../restores/exchange.ts'
import type { RestorePorts } from '../restores/ports.ts'
import { saySubscriptions } from '../restores/proof.ts'
import { receivedAt, receivedFolders } from '../streaming/receive.ts'
import { endOfLog } from './ancestors.ts'
import type { RecoveryPorts } from './ports.ts'
import type { ClusterAt, RecoveryStep } from './step.ts'

type Of<K extends RecoveryStep['kind']> = Extract<RecoveryStep, { kind: K }>

/** Name of the copy that becomes the cluster. */
const COPY = 'recover'
/** Restores a cluster beside, as a restore does, to the end of its log, and puts it in place. */
export async function recoverCluster(
  { of, lastCommit }: RecoveryPorts,
  { app, place: name, backup }: ClusterAt,
  context: StepContext,
): Promise<string> {
  const ports = of(app)
  const { cluster, copies, clock } = ports
  if ((await cluster.place()) !== null) {
    await cluster.ensure(context.signal)
    // A keeper that died after the exchange has not noted the timeline. The log of the copy is there until it is noted.
    const lost = await lastCommit(app, COPY)
    if (lost !== null) await branched(ports, { moment: clock.now(), lost })
    return 'it was back before'
  }
  const place = await placeNamed(ports, name)
  const { segments } = await ports.physical.archive(place)
  const end = endOfLog({ segments, history: await ports.physical.history(place) })
  await copies.fetch(ports.physical, {
    name: COPY,
    place,
    received: await streamed(ports),
    target: { kind: 'latest', backup },
    port: null,
    background: false,
    replaces: true,
    signal: context.signal,
    onProgress: progressTo(context.say, clock.now),
  })
  context.say('replaying the write-ahead log')
  await copies.start(COPY, context.signal)
  await reachedEnd(ports, end)
  const last = await lastCommit(app, COPY)
  const { data: fresh, disabled } = await copies.settle(COPY)
  // Archiving is set before the cluster starts, because a failed archive_command is repeated only after a minute.
  await ports.physical.archiveTo((await ports.policy()).places)
  await cluster.swap({ fresh, aside: cluster.asidePath(recoveryAside(clock.now())), timeline: 'own' })
  // A copy in which nothing was committed since its backup is at rest: it ends where the backup did.
  await branched(ports, { moment: clock.now(), lost: last ?? (await endOf(ports, place, backup)) })
  await copies.remove(COPY)
  const stream = await streamAgain(ports, context.signal)
  const subscriptions = saySubscriptions(disabled)
  const reached =
    last === null ? 'it was at rest' : `the last commit in it is of ${new Date(last).toISOString()}`
  return `${reached}${stream}${subscriptions === '' ? '' : `; ${subscriptions}`}`
}

const endOf = async ({ physical }: RestorePorts, place: Place, label: string): Promise<number | null> =>
  (await physical.list(place)).find(backup => backup.label === label)?.endedAt ?? null

/**
 * The segment of the last byte before the copy's timeline, from the last line of its history file; null: it is the first
 * timeline. Where it begins may be the border of two segments, of which the next one was not replayed.
 */
export const BEGAN = `
  select pg_walfile_name((regexp_match(history, '([0-9A-F]+/[0-9A-F]+)[^/]*$'))[1]::pg_lsn - 1) as began
    from left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline,
      pg_read_file('pg_wal/' || timeline || '.history', 0, 1000000, true) as history`

/** Fails unless all WAL of the place was replayed: then the new timeline begins behind every older segment. Segment names are timeline and position. */
async function reachedEnd({ app, copies }: RestorePorts, furthest: string | undefined): Promise<void> {
  if (furthest === undefined) return
  const [row] = await copies.superuser(COPY, 'postgres', query => query(BEGAN))
  const began = String(row!['began'] ?? '')
  if (began.slice(0, 8) > furthest.slice(0, 8) && began.slice(8) >= furthest.slice(8)) return
  throw new Failure('recover.short', `not all of the write-ahead log of ${app} was replayed`, {
    why: `the place has it up to ${furthest}, and the restored copy ${began === '' ? 'never left the backup' : `goes on from ${began}`}`,
    fix: `\`inn backup verify ${app}\` says what of the log at the place is damaged; then again: \`inn recovery database ${app}\``,
  })
}

/** Renames the old data folder. If that was done already, an earlier run of this step did it. */
export async function putAside(ports: RestorePorts, step: Of<'recover.aside'>): Promise<string> {
  const { files, supervisor, cluster } = ports
  const service = postgresName(step.app)
  if ((await supervisor.state(service)) !== null) await supervisor.stop(service)
  // Archiving stops, so that a timeline of a failed try never gets into the archive: every later restore would follow it.
  await ports.physical.archiveTo([])
  const { data } = (await cluster.expected())!
  const before = await files.exists(step.aside)
  const any = !before && (await files.exists(data))
  if (any) await ports.rename(data, step.aside)
  return any || before ? step.aside : 'nothing is left of them'
}

export async function putBack(ports: RestorePorts, step: Of<'recover.back'>): Promise<void> {
  const { files, supervisor, cluster } = ports
  const service = postgresName(step.app)
  if ((await supervisor.state(service)) !== null) await supervisor.stop(service)
  await ports.copies.remove(COPY)
  const { data } = (await cluster.expected())!
  if (await files.exists(step.aside)) {
    await files.remove(data)
    await ports.rename(step.aside, data)
  }
  await ports.physical.archiveTo((await ports.policy()).places)
  if ((await supervisor.state(service)) !== null) await supervisor.start(service)
}

/** Folders that the WAL was streamed to. The last commits under `rpo: 0` are only there, so the folder must not be missing. */
async function streamed({ app, policy, files }: RestorePorts): Promise<string[]> {
  const { places, receive } = await policy()
  const folders = receivedFolders(places, app)
  const there = await Promise.all(folders.map(folder => files.exists(folder)))
  const needed = receive === null ? null : receivedAt(receive, app)
  if (needed !== null && !there[folders.indexOf(needed)])
    throw new Failure('recover.received', `${needed} is not there`, {
      why: `rpo: 0 of ${app} wrote each commit there, and what was not archived yet is nowhere else`,
      fix: `mount the disk; if it is lost, and its last minute with it: mkdir -p ${needed}, then again`,
    })
  return folders.filter((_, n) => there[n])
}

/** Sets up streaming again before the app starts. A failure does not fail the recovery: an alarm reports it, and a timer tries again. */
async function streamAgain({ app, policy, cluster }: RestorePorts, signal: AbortSignal): Promise<string> {
  const { receive } = await policy()
  if (receive === null) return ''
  try {
    await cluster.receive(receivedAt(receive, app), signal)
    return ''
  } catch (error) {
    signal.throwIfAborted()
    return `; commits do not wait for ${receive.name} yet: ${describe(error).what}`
  }
}
