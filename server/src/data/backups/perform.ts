import { currentRelease } from '../../apps/app/app.ts'
import { keptName } from '../../apps/app/names.ts'
import { accessOf } from '../../apps/databases/access.ts'
import { clusterGone } from '../../apps/databases/gone.ts'
import { currentReleases } from '../../apps/releases/current.ts'
import { type Perform, performing, type StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import type { Place } from '../places/place.ts'
import { archiveToAll, placeNamed, placeReady } from '../repositories/ready.ts'
import type { Finding } from '../repositories/snapshots.ts'
import { nextKind, walGaps } from './due.ts'
import { manifests } from './manifest.ts'
import { givenUp } from './missing.ts'
import { apart, atPlace, tell } from './perform-apart.ts'
import { keepDump, keepFolder, keepKeeper, keepRedis } from './perform-parts.ts'
import type { BackupPorts } from './ports.ts'
import { progressTo } from './progress.ts'
import { retain } from './retain.ts'
import type { BackupStep } from './step.ts'

type Of<K extends BackupStep['kind']> = Extract<BackupStep, { kind: K }>

/** What each kind of step does; a missing one does not compile. */
export function backupPerformer(ports: BackupPorts): Perform<BackupStep> {
  const { home } = ports
  const perform = performing<BackupStep>({
    'places.ready': (s, c) => placesReady(ports, s, c),
    'point.begin': s => beginPoint(ports, s),
    'point.mark': s => markAll(ports, s),
    'point.fail': s => ports.points.fail(s.point, 'it was cancelled'),
    'point.prove': (s, c) => prove(ports, s, c),
    'point.tell': s => tell(ports, s.point),
    'backup.cluster': (s, c) => atPlace(ports, s, c, () => backupCluster(ports, s, c)),
    'backup.files': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'files') }, c, () =>
        keepFolder(ports, s, c, { of: 'files', path: home.app(s.app).shared }),
      ),
    'backup.releases': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'releases') }, c, () =>
        keepFolder(ports, s, c, { of: 'releases', path: home.app(s.app).releases }),
      ),
    'backup.redis': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'redis') }, c, () => keepRedis(ports, s, c)),
    'backup.dump': (s, c) =>
      apart(ports, { ...s, of: keptName(s.app, 'dump') }, c, () => keepDump(ports, s, c)),
    'backup.keeper': (s, c) => atPlace(ports, s, c, () => keepKeeper(ports, s, c)),
    'backup.verify': (s, c) => verify(ports, s, c),
    // At a place that was given up there is no new backup, so nothing old is removed.
    'backup.retain': async (s, c) =>
      givenUp(await ports.points.get(s.point)).has(s.place) ? '' : retain(ports, s, c.signal),
  })
  return async (step, context) => {
    try {
      return await perform(step, context)
    } catch (error) {
      // A failure after the proof does not make the restore point fail.
      if ('point' in step && step.kind !== 'backup.retain' && step.kind !== 'point.tell')
        await ports.points.fail(step.point, describe(error).what)
      throw error
    }
  }
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

/** Apps that have a database on our cluster, by their current releases. */
async function databasesNow(ports: BackupPorts) {
  const port = await ports.cluster.port()
  const found = await Promise.all(
    (await currentReleases(ports)).map(async ({ app: { name }, release }) => {
      if (port === null || release.config.database?.postgres !== true) return []
      return [{ app: name, access: accessOf(name, port, await ports.apps.secrets(name)) }]
    }),
  )
  return found.flat()
}

async function releasesNow(ports: Pick<BackupPorts, 'apps'>): Promise<Record<string, string>> {
  const apps = await ports.apps.all()
  return Object.fromEntries(
    apps.flatMap(app => {
      const release = currentRelease(app)
      return release === null ? [] : [[app.name, release]]
    }),
  )
}

/** Before a release step: gives the moment a name in the WAL. Nothing is copied. */
export async function markPoint(
  ports: Pick<BackupPorts, 'cluster' | 'apps' | 'points'>,
  { point: name, app }: { point: string; app: string },
): Promise<void> {
  const { at, segment } = await ports.cluster.mark(name)
  const releases = await releasesNow(ports)
  await ports.points.begin({ name, kind: 'deploy', app, at, segment, state: 'marked', releases, places: [] })
}

/** Fails when the cluster's files are gone: a restore point without the databases would look complete. */
async function clusterThere({ cluster }: BackupPorts): Promise<void> {
  const expected = await cluster.expected()
  if (expected !== null && (await cluster.place()) === null) throw clusterGone(expected.data)
}

async function beginPoint(ports: BackupPorts, step: Of<'point.begin'>): Promise<void> {
  await clusterThere(ports)
  const { point: name, by: kind, places } = step
  const at = ports.clock.now()
  const releases = await releasesNow(ports)
  await ports.points.begin({ name, kind, app: null, at, segment: null, state: 'taking', releases, places })
}

async function markAll(ports: BackupPorts, step: Of<'point.mark'>): Promise<string> {
  // A restore stops at the first place where the name stands in the WAL, so it must not be written twice.
  if ((await ports.points.get(step.point)).segment !== null) return 'it was named before'
  const hasCluster = (await ports.cluster.place()) !== null
  const moment = hasCluster
    ? await manifests(ports, step.point, await databasesNow(ports))
    : { at: ports.clock.now(), segment: null, manifest: {}, uncounted: {} }
  const { manifest, uncounted } = moment
  await ports.points.setMoment(step.point, { ...moment, releases: await releasesNow(ports) })
  for (const [app, why] of Object.entries(uncounted))
    await ports.points.miss(step.point, { of: `${app}/rows`, place: null, why })
  const tables = Object.values(manifest).flatMap(m => Object.keys(m.tables)).length
  const left = Object.entries(manifest).flatMap(([name, m]) =>
    Object.keys(m.uncounted ?? {}).map(table => `${table} of ${name}`),
  )
  const shown = [...left.slice(0, 10), ...(left.length > 10 ? [count(left.length - 10, 'more')] : [])]
  return `${count(tables, 'table')} counted${left.length === 0 ? '' : `; not ${list(shown)}`}`
}

async function backupCluster(
  ports: BackupPorts,
  step: Of<'backup.cluster'>,
  context: StepContext,
): Promise<string> {
  const place = await placeNamed(ports, step.place)
  const before = await ports.physical.list(place)
  const gap = await gapIn(ports, place, before.at(-1)?.firstSegment ?? null)
  const kind = step.how === 'full' ? 'full' : nextKind(before, ports.clock.now(), { gapSince: gap })
  const onProgress = progressTo(context.say, ports.clock.now)
  const label = await ports.physical.take({ place, kind, signal: context.signal, onProgress })
  const taken = (await ports.physical.list(place)).find(b => b.label === label)
  if (taken === undefined || taken.error) throw unsound(place, label, taken === undefined)
  await ports.points.addPart(step.point, { of: 'cluster', place: place.name, id: label })
  return `${label}: ${showSize(taken.bytes)}, ${showSize(taken.storedBytes)} added`
}

/** The current time when the archive has a gap, else null. Backups before a gap cannot reach what comes after it. */
async function gapIn(ports: BackupPorts, place: Place, from: string | null): Promise<number | null> {
  if (from === null) return null
  const { segments } = await ports.physical.archive(place)
  return walGaps(segments, from).length > 0 ? ports.clock.now() : null
}

function unsound(place: Place, label: string, missing: boolean): Failure {
  return new Failure('backup.unsound', `the backup ${label} at ${place.name} is not good`, {
    why: missing ? 'it is not in the list of backups' : 'pages of the database failed their checksum',
    fix: missing
      ? 'take another one: inn backup now'
      : 'the disk or its memory may be failing: inn backup show says more; keep the earlier backups',
  })
}

/** Verifies the cluster's backups at a place. No backup at all is a finding too: a check of nothing finds nothing wrong. */
async function verifyCluster(ports: BackupPorts, place: Place, signal: AbortSignal): Promise<Finding[]> {
  const backups = await ports.physical.list(place)
  if (backups.length === 0) return [{ what: 'there is no backup of the cluster to verify' }]
  const { segments } = await ports.physical.archive(place)
  const gaps = walGaps(segments, backups.at(-1)!.firstSegment)
  return [
    ...(await ports.physical.verify(place, signal)),
    ...gaps.map(gap => ({ what: `write-ahead log is missing between ${gap.after} and ${gap.before}` })),
  ]
}

async function verify(
  ports: BackupPorts,
  step: Of<'backup.verify'>,
  { signal }: StepContext,
): Promise<string> {
  const place = await placeNamed(ports, step.place)
  const physical = (await ports.cluster.expected()) === null ? [] : await verifyCluster(ports, place, signal)
  const found = [...physical, ...(await ports.snapshots.check(place, { data: true, signal }))]
  await ports.verified.note(place, found.length)
  if (found.length === 0) return 'all as it was written'
  throw new Failure('backup.damaged', `${count(found.length, 'thing')} at ${place.name} cannot be trusted`, {
    why: found
      .slice(0, 20)
      .map(finding => finding.what)
      .join('\n'),
    fix: 'take a new full backup: inn backup now --full; if it happens again, do not trust this place',
  })
}

const ARCHIVED_WITHIN_MS = 180_000

/** Looks up every part at its place, and checks that the WAL segment with the moment was archived there. */
async function prove(ports: BackupPorts, step: Of<'point.prove'>, context: StepContext): Promise<string> {
  for (const place of step.places) {
    const at = { point: step.point, place }
    await atPlace(ports, at, context, () => proveAt(ports, at, context))
  }
  await ports.points.good(step.point)
  const { parts } = await ports.points.get(step.point)
  return `${count(parts.length, 'part')} at ${count(new Set(parts.map(part => part.place)).size, 'place')}`
}

async function proveAt(
  ports: BackupPorts,
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
  ports: BackupPorts,
  place: Place,
  segment: string,
  { signal }: StepContext,
): Promise<void> {
  for (const end = ports.clock.now() + ARCHIVED_WITHIN_MS; ; await ports.clock.sleep(500, signal)) {
    if ((await ports.physical.archive(place)).segments.includes(segment)) return
    if (ports.clock.now() > end) throw notArchived(place, segment)
  }
}

function notArchived(place: Place, segment: string): Failure {
  return new Failure('backup.archive', `the write-ahead log does not arrive at ${place.name}`, {
    why: `${segment} is not there after ${ARCHIVED_WITHIN_MS / 1000} s`,
    fix: 'inn logs postgres says what the archiving answers',
  })
}

function notThere(place: Place, parts: readonly string[]): Failure {
  return new Failure('backup.lost', `${place.name} lacks parts that were written to it`, {
    why: `missing: ${parts.join(', ')}`,
    fix: 'take another one: inn backup now; if it happens again, do not trust this place',
  })
}
