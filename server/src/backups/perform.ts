import { join } from 'node:path'
import { accessOf, PASSWORDS } from '../databases/access.ts'
import type { Perform, StepContext } from '../engine/engine.ts'
import { describe, Failure } from '../kernel/failure.ts'
import { showSize } from '../kernel/sizes.ts'
import { count } from '../kernel/words.ts'
import { nextKind, walGaps } from './due.ts'
import { manifests } from './manifest.ts'
import { type Place, placeAddress } from './place.ts'
import type { SnapshotPart } from './point.ts'
import type { BackupPorts } from './ports.ts'
import { progressTo } from './progress.ts'
import { retain } from './retain.ts'
import type { Finding, Kept, SnapshotOrder } from './snapshots.ts'
import type { BackupStep } from './step.ts'

type Of<K extends BackupStep['kind']> = Extract<BackupStep, { kind: K }>
type Performers = {
  [K in BackupStep['kind']]: (step: Of<K>, context: StepContext) => Promise<string | void>
}

/** What each kind of step does; a missing one does not compile. */
export function backupPerformer(ports: BackupPorts): Perform<BackupStep> {
  const { home } = ports
  const performers: Performers = {
    'places.ready': () => placesReady(ports),
    'point.begin': s => beginPoint(ports, s),
    'point.mark': s => markAll(ports, s),
    'point.fail': s => ports.points.fail(s.point, 'it was cancelled'),
    'point.prove': (s, c) => prove(ports, s, c),
    'backup.cluster': (s, c) => backupCluster(ports, s, c),
    'backup.files': (s, c) => keepFolder(ports, s, c, { of: 'files', path: home.app(s.app).shared }),
    'backup.releases': (s, c) => keepFolder(ports, s, c, { of: 'releases', path: home.app(s.app).releases }),
    'backup.redis': (s, c) => keepRedis(ports, s, c),
    'backup.dump': (s, c) => keepDump(ports, s, c),
    'backup.keeper': (s, c) => keepKeeper(ports, s, c),
    'backup.verify': s => verify(ports, s),
    'backup.retain': s => retain(ports, s),
  }
  return async (step, context) => {
    const perform = performers[step.kind] as (
      step: BackupStep,
      context: StepContext,
    ) => Promise<string | void>
    try {
      return await perform(step, context)
    } catch (error) {
      if ('point' in step) await ports.points.fail(step.point, describe(error).what)
      throw error
    }
  }
}

/** The place of that name; an app may have stopped to ask for it. */
export async function placeNamed(ports: Pick<BackupPorts, 'policy'>, name: string): Promise<Place> {
  const { places } = await ports.policy()
  const found = places.find(place => place.name === name)
  if (found !== undefined) return found
  throw new Failure('place.unknown', `there is no place ${name} for backups`, {
    why: `the apps here name ${places.map(p => p.name).join(', ')}`,
    fix: 'backups: where: in innkeeper.yaml names them',
  })
}

/** Buckets that differ from S3 differ where it hurts: each is tried once, before anything depends on it. */
export async function placesReady(ports: BackupPorts): Promise<void> {
  const { places } = await ports.policy()
  for (const place of places) {
    if (place.kind === 'folder' || (await ports.buckets.known(place))) continue
    const found = await ports.buckets.check(place)
    if (found.length > 0) throw unfit(place, found)
    await ports.buckets.note(place)
  }
  if ((await ports.cluster.place()) !== null) await ports.physical.prepare(places)
}

function unfit(place: Place, found: readonly Finding[]): Failure {
  return new Failure(
    'backup.bucket',
    `${place.name} (${placeAddress(place)}) does not do what backups need`,
    {
      why: found.map(finding => finding.what).join('\n'),
      fix: 'check bucket, region and keys in backups: where: of innkeeper.yaml, and what the key may do; then: inn backup now',
    },
  )
}

async function releasesNow(ports: Pick<BackupPorts, 'apps'>): Promise<Record<string, string>> {
  const apps = await ports.apps.all()
  return Object.fromEntries(
    apps.flatMap(app => {
      const [place] = Object.values(app.live)
      return place === undefined ? [] : [[app.name, place.release]]
    }),
  )
}

/** Before a release step: the moment has a name in the log, and nothing is copied. */
export async function markPoint(
  ports: Pick<BackupPorts, 'cluster' | 'apps' | 'points'>,
  { point: name, app }: { point: string; app: string },
): Promise<void> {
  const { at, segment } = await ports.cluster.mark(name)
  const releases = await releasesNow(ports)
  await ports.points.begin({ name, kind: 'deploy', app, at, segment, state: 'marked', releases })
}

async function beginPoint(ports: BackupPorts, step: Of<'point.begin'>): Promise<void> {
  const { point: name, by: kind } = step
  const at = ports.clock.now()
  const releases = await releasesNow(ports)
  await ports.points.begin({ name, kind, app: null, at, segment: null, state: 'taking', releases })
}

async function markAll(ports: BackupPorts, step: Of<'point.mark'>): Promise<string> {
  const hasCluster = (await ports.cluster.place()) !== null
  const moment = hasCluster
    ? await manifests(ports, step.point)
    : { at: ports.clock.now(), segment: null, manifest: {} }
  const { manifest } = moment
  await ports.points.setMoment(step.point, { ...moment, releases: await releasesNow(ports) })
  const tables = Object.values(manifest).flatMap(m => Object.keys(m.tables)).length
  return `${count(tables, 'table')} counted`
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

/** Now, when the archive has a hole: what comes after it cannot be reached from what lies before. */
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

interface OfSnapshot {
  point: string
  place: string
}

async function orderOf(
  ports: BackupPorts,
  step: OfSnapshot,
  of: string,
  context: StepContext,
): Promise<SnapshotOrder> {
  const point = await ports.points.get(step.point)
  return {
    place: await placeNamed(ports, step.place),
    of,
    point: point.name,
    at: point.at,
    signal: context.signal,
    onProgress: progressTo(context.say, ports.clock.now),
  }
}

async function keepPart(ports: BackupPorts, order: SnapshotOrder, kept: Kept): Promise<string> {
  const part: SnapshotPart = { of: order.of, place: order.place.name, ...kept }
  await ports.points.addPart(order.point, part)
  return `${kept.id}: ${showSize(kept.bytes)}, ${showSize(kept.addedBytes)} added`
}

async function keepFolder(
  ports: BackupPorts,
  step: OfSnapshot & { app: string },
  context: StepContext,
  { of, path }: { of: string; path: string },
): Promise<string> {
  if (!(await ports.files.exists(path))) return 'there is none yet'
  const order = await orderOf(ports, step, `${step.app}/${of}`, context)
  return keepPart(ports, order, await ports.snapshots.keepFolder({ ...order, path }))
}

async function keepRedis(
  ports: BackupPorts,
  step: Of<'backup.redis'>,
  context: StepContext,
): Promise<string> {
  const port = (await ports.apps.ports()).get(`${step.app}.redis`)
  const password = (await ports.apps.secrets(step.app))[PASSWORDS.redis]
  if (port === undefined || password === undefined) return 'there is none yet'
  return withScratch(ports, `redis-${step.app}`, async path => {
    // To a file: what it prints instead ends with a mark that no Redis reads.
    await ports.redisSnapshot({ port, password, file: join(path, 'dump.rdb'), signal: context.signal })
    const order = await orderOf(ports, step, `${step.app}/redis`, context)
    return keepPart(ports, order, await ports.snapshots.keepFolder({ ...order, path }))
  })
}

/** An empty folder for as long as `work` takes. */
async function withScratch<T>(
  ports: BackupPorts,
  name: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = join(ports.home.backups, name)
  await ports.files.remove(path)
  await ports.files.folder(path, 0o700)
  try {
    return await work(path)
  } finally {
    await ports.files.remove(path)
  }
}

async function keepDump(ports: BackupPorts, step: Of<'backup.dump'>, context: StepContext): Promise<string> {
  const cluster = (await ports.cluster.place())!
  const order = await orderOf(ports, step, `${step.app}/dump`, context)
  const kept = await ports.snapshots.keepOutput({
    ...order,
    argv: [
      join(cluster.bin, 'pg_dump'),
      // Compressed by the repository, which also finds what did not change.
      ...['--format=custom', '--compress=0'],
      ...['--host', cluster.socketFolder, '--port', String(cluster.port), '--username', cluster.user],
      accessOf(step.app, cluster.port, await ports.apps.secrets(step.app)).name,
    ],
    env: { PGPASSFILE: cluster.passFile, LANG: 'C.UTF-8' },
    user: await ports.postgresAccount(),
    file: 'database.dump',
  })
  return keepPart(ports, order, kept)
}

async function keepKeeper(
  ports: BackupPorts,
  step: Of<'backup.keeper'>,
  context: StepContext,
): Promise<string> {
  return withScratch(ports, 'keeper', async path => {
    await ports.copyKeeper(path)
    const order = await orderOf(ports, step, 'keeper/state', context)
    return keepPart(ports, order, await ports.snapshots.keepFolder({ ...order, path }))
  })
}

/** A check of nothing finds nothing wrong: that there is something is part of it. */
async function verifyCluster(ports: BackupPorts, place: Place): Promise<Finding[]> {
  const backups = await ports.physical.list(place)
  if (backups.length === 0) return [{ what: 'there is no backup of the cluster to verify' }]
  const { segments } = await ports.physical.archive(place)
  const gaps = walGaps(segments, backups.at(-1)!.firstSegment)
  return [
    ...(await ports.physical.verify(place)),
    ...gaps.map(gap => ({ what: `write-ahead log is missing between ${gap.after} and ${gap.before}` })),
  ]
}

async function verify(ports: BackupPorts, step: Of<'backup.verify'>): Promise<string> {
  const place = await placeNamed(ports, step.place)
  const physical = (await ports.cluster.place()) === null ? [] : await verifyCluster(ports, place)
  const found = [...physical, ...(await ports.snapshots.check(place, { data: true }))]
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

/** What was said to be kept is looked up at the place itself, and the moment must have left this machine's log. */
async function prove(ports: BackupPorts, step: Of<'point.prove'>, context: StepContext): Promise<string> {
  const point = await ports.points.get(step.point)
  for (const name of step.places) {
    const place = await placeNamed(ports, name)
    const own = point.parts.filter(part => part.place === name)
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
  await ports.points.good(step.point)
  return `${count(point.parts.length, 'part')} at ${count(step.places.length, 'place')}`
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
  return new Failure('backup.lost', `${place.name} does not have what it was given`, {
    why: `missing: ${parts.join(', ')}`,
    fix: 'take another one: inn backup now; if it happens again, do not trust this place',
  })
}
