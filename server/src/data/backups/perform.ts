import { currentRelease } from '../../apps/app/app.ts'
import { keptName } from '../../apps/app/names.ts'
import { accessOf } from '../../apps/databases/access.ts'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import { clusterThere } from '../../apps/databases/gone.ts'
import { type Perform, performing, type StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import type { Place } from '../places/place.ts'
import { archiveToAll, placeNamed, placeReady } from '../repositories/ready.ts'
import { nextKind, walGaps } from './due.ts'
import { lostSinceFull } from './lost.ts'
import { countedMark } from './manifest.ts'
import { givenUp } from './missing.ts'
import { type Seen, seenAt } from './note-lost.ts'
import { apart, atPlace, tell } from './perform-apart.ts'
import { BROKEN_OFF, keeperPerformer } from './perform-keeper.ts'
import { keepDump, keepFiles, keepFolder, keepRedis } from './perform-parts.ts'
import { verify } from './perform-verify.ts'
import type { BackupPorts, BackupsPorts, DataSources, Keeping, Records } from './ports.ts'
import { progressTo } from './progress.ts'
import { retain } from './retain.ts'
import type { AppStep, BackupStep } from './step.ts'

type Of<K extends BackupStep['kind']> = Extract<BackupStep, { kind: K }>

/** What each kind of step does; a missing one does not compile. */
export function backupPerformer(ports: BackupsPorts): Perform<BackupStep> {
  const keeper = keeperPerformer(ports.keeper)
  return (step, context) => {
    if (!('app' in step)) return noted(ports.keeper, step, () => keeper(step, context))
    const own = ports.of(step.app)
    return noted(own, step, () => appPerformer(own)(step, context))
  }
}

/** Steps after the proof: their failure does not make the restore point fail. */
const AFTER: ReadonlySet<BackupStep['kind']> = new Set(['backup.retain', 'keeper.retain', 'point.tell'])

/** Notes in the restore point why a step failed. */
async function noted<T>(
  { points }: Pick<BackupPorts, 'points'>,
  step: BackupStep,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if ('point' in step && !AFTER.has(step.kind)) await points.fail(step.point, describe(error).what)
    throw error
  }
}

function appPerformer(ports: BackupPorts): Perform<AppStep> {
  const { home } = ports
  return performing<AppStep>({
    'places.ready': (s, c) => placesReady(ports, s, c),
    'point.begin': s => beginPoint(ports, s),
    'point.mark': s => markPoint(ports, s),
    'point.fail': s => ports.points.fail(s.point, BROKEN_OFF),
    'point.prove': (s, c) => prove(ports, s, c),
    'point.tell': s => tell(ports, s.point),
    'backup.cluster': (s, c) => atPlace(ports, s, c, () => backupCluster(ports, s, c)),
    'backup.files': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'files') }, c, () => keepFiles(ports, s, c)),
    'backup.releases': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'releases') }, c, () =>
        keepFolder(ports, s, c, { of: 'releases', path: home.app(s.app).releases }),
      ),
    'backup.redis': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'redis') }, c, () => keepRedis(ports, s, c)),
    'backup.dump': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'dump') }, c, () => keepDump(ports, s, c)),
    'backup.verify': (s, c) => verify(ports, s, c),
    // At a place that was given up there is no new backup, so nothing old is removed.
    'backup.retain': async (s, c) =>
      givenUp(await ports.points.get(s.point)).has(s.place) ? '' : retain(ports, s, c.signal),
  })
}

async function placesReady(
  ports: BackupPorts,
  { point, places }: Of<'places.ready'>,
  context: StepContext,
): Promise<string> {
  const notes: string[] = []
  for (const place of places) {
    const ready = async () => placeReady(ports, await placeNamed(ports, place))
    const note = await atPlace(ports, { point, place }, context, ready)
    if (note !== undefined) notes.push(note)
  }
  await archiveToAll(ports)
  return notes.join('; ')
}

/** What gives a moment of an app its name. */
type MomentPorts = Pick<Keeping, 'app' | 'points' | 'clock'> & Records & Pick<DataSources, 'cluster'>

/** The app's database in its cluster; null: its release has none. */
async function databaseNow(ports: MomentPorts): Promise<DatabaseAccess | null> {
  const { app, apps, releases, cluster } = ports
  const port = await cluster.port()
  const id = currentRelease(await apps.find(app))
  const release = id === null ? null : await releases.find(app, id)
  if (port === null || release?.config.database?.postgres !== true) return null
  return accessOf(app, port, await apps.secrets(app))
}

async function releaseNow({ apps, app }: Pick<MomentPorts, 'apps' | 'app'>): Promise<Record<string, string>> {
  const release = currentRelease(await apps.find(app))
  return release === null ? {} : { [app]: release }
}

/** Before a release step: gives the moment a name in the WAL. Nothing is copied. */
export async function markRelease(
  ports: Omit<MomentPorts, 'releases' | 'clock'>,
  name: string,
): Promise<void> {
  const { app } = ports
  const { at, segment } = await ports.cluster.mark(name)
  const releases = await releaseNow(ports)
  await ports.points.begin({ name, kind: 'deploy', app, at, segment, state: 'marked', releases, places: [] })
}

async function beginPoint(ports: Omit<MomentPorts, 'releases'>, step: Of<'point.begin'>): Promise<void> {
  // A restore point without the database would look complete.
  await clusterThere(ports.app, ports.cluster)
  const { app, point: name, by: kind, places } = step
  const at = ports.clock.now()
  const releases = await releaseNow(ports)
  await ports.points.begin({ name, kind, app, at, segment: null, state: 'taking', releases, places })
}

async function markPoint(ports: MomentPorts, step: Of<'point.mark'>): Promise<string> {
  // A restore stops at the first place where the name stands in the WAL, so it must not be written twice.
  if ((await ports.points.get(step.point)).segment !== null) return 'it was named before'
  const { uncounted, ...moment } = await momentOf(ports, step.point)
  await ports.points.setMoment(step.point, { ...moment, releases: await releaseNow(ports) })
  if (uncounted !== null)
    await ports.points.miss(step.point, { of: keptName(step.app, 'rows'), place: null, why: uncounted })
  const counted = Object.values(moment.manifest)
  const left = counted.flatMap(m => Object.keys(m.uncounted ?? {}))
  const shown = [...left.slice(0, 10), ...(left.length > 10 ? [count(left.length - 10, 'more')] : [])]
  const tables = counted.flatMap(m => Object.keys(m.tables)).length
  return `${count(tables, 'table')} counted${left.length === 0 ? '' : `; not ${list(shown)}`}`
}

async function momentOf(ports: MomentPorts, point: string) {
  const none = { manifest: {}, uncounted: null }
  if ((await ports.cluster.place()) === null) return { at: ports.clock.now(), segment: null, ...none }
  const access = await databaseNow(ports)
  return access === null
    ? { ...(await ports.cluster.mark(point)), ...none }
    : countedMark(ports, point, access)
}

/** What looks a point up at its places. */
type ProofPorts = Keeping & Pick<DataSources, 'physical'>

async function backupCluster(
  ports: Omit<ProofPorts, 'snapshots'>,
  step: Of<'backup.cluster'>,
  context: StepContext,
): Promise<string> {
  const place = await placeNamed(ports, step.place)
  const before = await seenAt(ports, place)
  const now = ports.clock.now()
  const gapSince = lacksLog(before) ? now : null
  const kind = step.how === 'full' ? 'full' : nextKind(before.backups, now, { gapSince })
  const onProgress = progressTo(context.say, ports.clock.now)
  const label = await ports.physical.take({ place, kind, signal: context.signal, onProgress })
  const taken = (await ports.physical.list(place)).find(b => b.label === label)
  if (taken === undefined || taken.error) throw unsound(place, label, taken === undefined)
  await ports.points.addPart(step.point, { of: 'cluster', place: place.name, id: label })
  return `${label}: ${showSize(taken.bytes)}, ${showSize(taken.storedBytes)} added`
}

/** Whether log or a part of a backup is gone, so that the backups before it cannot reach what comes after it, or cannot be built on. */
function lacksLog({ backups, segments, lost }: Seen): boolean {
  const newest = backups.at(-1)
  if (newest === undefined) return false
  return walGaps(segments, newest.firstSegment).length > 0 || lostSinceFull(backups, lost) !== null
}

function unsound(place: Place, label: string, missing: boolean): Failure {
  return new Failure('backup.unsound', `the backup ${label} at ${place.name} is not good`, {
    why: missing ? 'it is not in the list of backups' : 'pages of the database failed their checksum',
    fix: missing
      ? 'take another one: `inn backup now`'
      : 'the disk or the memory may be failing (`dmesg`); keep the earlier backups, and take another one: `inn backup now --full`',
  })
}

const ARCHIVED_WITHIN_MS = 180_000

/** Looks up every part at its place, and checks that the WAL segment with the moment was archived there. */
async function prove(ports: ProofPorts, step: Of<'point.prove'>, context: StepContext): Promise<string> {
  for (const place of step.places) {
    const at = { point: step.point, place }
    await atPlace(ports, at, context, () => proveAt(ports, at, context))
  }
  await ports.points.good(step.point)
  const { parts } = await ports.points.get(step.point)
  return `${count(parts.length, 'part')} at ${count(new Set(parts.map(part => part.place)).size, 'place')}`
}

async function proveAt(
  ports: ProofPorts,
  { point: name, place: at }: { point: string; place: string },
  context: StepContext,
): Promise<void> {
  const point = await ports.points.get(name)
  const place = await placeNamed(ports, at)
  const own = point.parts.filter(part => part.place === at)
  const labels = own.some(p => p.of === 'cluster')
    ? (await ports.physical.list(place)).filter(b => !b.error).map(b => b.label)
    : []
  const ids = (await ports.snapshots.list(place)).map(snapshot => snapshot.id)
  const lost = own.filter(part => !(part.of === 'cluster' ? labels : ids).includes(part.id))
  if (lost.length > 0)
    throw notThere(
      place,
      lost.map(part => part.of),
    )
  if (point.segment !== null) await archived(ports, place, point.segment, context)
}

async function archived(
  ports: Pick<ProofPorts, 'app' | 'clock' | 'physical'>,
  place: Place,
  segment: string,
  { signal }: StepContext,
): Promise<void> {
  for (const end = ports.clock.now() + ARCHIVED_WITHIN_MS; ; await ports.clock.sleep(500, signal)) {
    if ((await ports.physical.archive(place)).segments.includes(segment)) return
    if (ports.clock.now() > end) throw notArchived(ports.app, place, segment)
  }
}

function notArchived(app: string, place: Place, segment: string): Failure {
  return new Failure('backup.archive', `the write-ahead log does not arrive at ${place.name}`, {
    why: `${segment} is not there after ${ARCHIVED_WITHIN_MS / 1000} s`,
    fix: `\`inn logs ${app} --service postgres\` says what the archiving answers`,
  })
}

function notThere(place: Place, parts: readonly string[]): Failure {
  return new Failure('backup.lost', `${place.name} lacks parts that were written to it`, {
    why: `missing: ${parts.join(', ')}`,
    fix: 'take another one: `inn backup now`; if it happens again, do not trust this place',
  })
}
