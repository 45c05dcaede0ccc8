import { join } from 'node:path'
import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Place } from '../places/place.ts'
import { placeNamed } from '../repositories/ready.ts'
import { createStreamKeeper } from '../streaming/keeping.ts'
import { alarms, type PlaceFacts } from './alarms.ts'
import { createGapWatch } from './gaps.ts'
import { keptApps } from './kept.ts'
import { givenUp, isGoodAt, lacking } from './missing.ts'
import { type BackupWish, planBackup, planVerify, type Subject } from './plan.ts'
import type { Point } from './point.ts'
import type { BackupPorts } from './ports.ts'
import { createPulse } from './pulse.ts'
import { createReadiness } from './readiness.ts'
import { pointView, report } from './report.ts'
import { removalAt } from './retain.ts'
import type { BackupStep } from './step.ts'

const RETRY_MS = 10 * 60_000

interface Options {
  ports: BackupPorts
  engine: Engine<BackupStep>
  /** When a cron pattern is due next after a moment, in milliseconds since 1970; null: never. */
  nextRun(pattern: string, after: number): number | null
  /** Whether a folder is on the same disk as the database. */
  sameDisk(path: string): Promise<boolean>
  kitKept(): Promise<boolean>
}

export type Backups = ReturnType<typeof createBackups>

/** What the timers have observed last: heartbeat, readiness of places, gaps in the WAL. */
function createSight({ ports, sameDisk }: Pick<Options, 'ports' | 'sameDisk'>) {
  const pulse = createPulse(ports.cluster)
  return {
    sameDisk,
    pulse,
    gaps: createGapWatch(ports, pulse),
    readiness: createReadiness(ports),
    stream: createStreamKeeper(ports, pulse.last),
  }
}
type Sight = ReturnType<typeof createSight>

/** Plans and starts backups, by schedule or for a person, and reports on them. */
export function createBackups(options: Options) {
  const { ports, engine } = options
  const sight = createSight(options)
  const freeName = pointNames(ports)
  const alarmsNow = () => currentAlarms(options, sight)
  const plan = async (wish: BackupWish): Promise<Plan<BackupStep>> =>
    planBackup(await observe(ports, await placesOf(ports, wish.places)), wish)

  return {
    async planNow(wish: { how: 'full' | 'auto'; places: readonly string[] | null }) {
      return plan({ ...wish, by: 'person', point: await freeName() })
    },
    async planVerify(places: readonly string[] | null): Promise<Plan<BackupStep>> {
      return planVerify((await placesOf(ports, places)).map(place => place.name))
    },
    report: async () =>
      report(ports, { archivedAt: sight.pulse.last()?.archivedAt ?? null, alarms: await alarmsNow() }),
    point: async (name: string) => pointView(await ports.points.get(name)),
    /** Writes the heartbeat; called by a timer. */
    beat: () => sight.pulse.beat(),
    /** Starts the backup that is due; called by a timer. */
    async tick(): Promise<void> {
      if (!(await worthKeeping(ports))) return
      await sight.readiness.ensure()
      if (engine.busy()) return
      if ((await ports.cluster.place()) !== null) {
        await sight.stream.keep()
        await sight.gaps.look()
      }
      const wanted = await due(options, sight)
      if (wanted === null) return
      const { how, place } = wanted
      const planned = await plan({ point: await freeName(), by: 'schedule', how, places: [place] })
      engine.start(planned, 'keeper')
    },
    alarms: alarmsNow,
  }
}

async function placesOf(ports: BackupPorts, names: readonly string[] | null): Promise<Place[]> {
  if (names === null) return (await ports.policy()).places
  return Promise.all(names.map(name => placeNamed(ports, name)))
}

/** Whether there is anything to back up: a cluster, or an app that serves and has data. */
async function worthKeeping(ports: BackupPorts): Promise<boolean> {
  // A server that is being recovered is incomplete, so it is not backed up.
  if (await ports.files.exists(join(ports.home.root, 'recovering.json'))) return false
  if ((await ports.cluster.place()) !== null) return true
  return (await keptApps(ports)).some(app => app.files || app.redis || app.dump)
}

/** What the keeper's store knows of each place. */
async function placeFacts({ points, policy, verified }: BackupPorts, sight: Sight): Promise<PlaceFacts[]> {
  const all = await points.recent()
  return Promise.all(
    (await policy()).places.map(async place => {
      const own = all.filter(p => p.kind !== 'deploy' && covers(p, place.name))
      const last = own.find(p => p.state !== 'taking')
      const good = own.find(p => isGoodAt(p, place.name))
      return {
        name: place.name,
        lastGood: good?.endedAt ?? null,
        lastReason:
          sight.readiness.reason(place.name) ?? (last === undefined ? null : reasonAt(last, place.name)),
        missing: good === undefined ? [] : lacking(good, place.name),
        gap: sight.gaps.has(place.name),
        damaged: ((await verified.last(place)) ?? 0) > 0,
        sameDisk: place.kind === 'folder' && (await sight.sameDisk(place.path)),
      }
    }),
  )
}

/** The first place where a backup is due now, and its kind. */
async function due(
  { ports, nextRun }: Options,
  { gaps }: Sight,
): Promise<{ place: string; how: 'full' | 'auto' } | null> {
  const { places, schedules } = await ports.policy()
  const now = ports.clock.now()
  const all = (await ports.points.recent()).filter(p => p.kind !== 'deploy')
  for (const { name } of places) {
    const tries = all.filter(p => covers(p, name))
    const good = tries.find(p => isGoodAt(p, name))
    // A try with a date in the future came from a wrong clock: how long ago it was is not known.
    const last = tries.find(p => p.at <= now)
    if (last !== undefined && last !== good && now - last.at <= RETRY_MS) continue
    const from = Math.min(good?.at ?? 0, now)
    const next = Math.min(...schedules.map(s => nextRun(s, from) ?? Number.POSITIVE_INFINITY))
    if (good === undefined || next <= now || gaps.has(name))
      return { place: name, how: gaps.has(name) ? 'full' : 'auto' }
  }
  return null
}

async function currentAlarms({ ports, kitKept }: Options, sight: Sight): Promise<Alarm[]> {
  const cluster = await ports.cluster.place()
  return alarms({
    now: ports.clock.now(),
    since: cluster?.since ?? (await ports.points.recent()).at(-1)?.at ?? null,
    beat: sight.pulse.last(),
    beatFailure: sight.pulse.failure(),
    places: await placeFacts(ports, sight),
    kitKept: await kitKept(),
    receive: (await ports.policy()).receive,
    streamFailure: sight.stream.failure(),
    gone: cluster === null && (await ports.cluster.expected()) !== null,
  })
}

/**
 * Names of restore points have a resolution of one second. Two points must not get the same name, even when the run of
 * the first has not stored it yet.
 */
function pointNames({ points, clock }: Pick<BackupPorts, 'points' | 'clock'>): () => Promise<string> {
  const planned = new Set<string>()
  return async () => {
    const taken = new Set((await points.recent()).map(point => point.name))
    for (const name of taken) planned.delete(name)
    let at = clock.now()
    while (taken.has(pointName(at)) || planned.has(pointName(at))) at += 1_000
    planned.add(pointName(at))
    return pointName(at)
  }
}

/** Whether a point is meant for a place, or has a part there. */
const covers = (point: Pick<Point, 'parts' | 'places'>, place: string): boolean =>
  point.places.includes(place) || point.parts.some(part => part.place === place)

/** Why a point is not good at a place; null: it is. */
function reasonAt(point: Pick<Point, 'state' | 'reason' | 'missing'>, place: string): string | null {
  if (point.state === 'failed') return point.reason
  return point.missing.find(m => m.place === place && givenUp(point).has(place))?.why ?? null
}

/** Name of a restore point: sortable, and without characters that are special in a shell or a file name. */
export const pointName = (at: number): string =>
  new Date(at).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '')

async function observe(ports: BackupPorts, places: readonly Place[]): Promise<Subject> {
  const policy = await ports.policy()
  const removals = await Promise.all(
    places.map(place =>
      // A place that cannot be reached is reported later, by the step that writes to it.
      removalAt(ports, place, policy.keep).catch(() => ({
        place: place.name,
        backups: [],
        snapshots: [],
      })),
    ),
  )
  return { cluster: (await ports.cluster.place()) !== null, apps: await keptApps(ports), policy, removals }
}
