import { join } from 'node:path'
import { servingRelease } from '../../apps/app/app.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import { describe } from '../../kernel/failure.ts'
import type { Alarm } from '../../watch/alerts/wire.ts'
import type { Beat } from '../databases/cluster.ts'
import { type Place, placeAddress } from '../places/place.ts'
import { archiveToAll, placeNamed, placeReady } from '../repositories/ready.ts'
import { dropReceived, receiveAsAsked, receivedAt } from '../streaming/receive.ts'
import { alarms, type PlaceFacts } from './alarms.ts'
import { walGaps } from './due.ts'
import { givenUp, isGoodAt, lacking } from './missing.ts'
import { type BackupWish, planBackup, planVerify, type Subject } from './plan.ts'
import type { Point } from './point.ts'
import type { BackupPorts } from './ports.ts'
import { pointView, report } from './report.ts'
import { removalAt } from './retain.ts'
import type { BackupStep } from './step.ts'

const RETRY_MS = 10 * 60_000
const GAPS_EVERY_MS = 5 * 60_000
/** A place that is away is tried for as long by its tools. */
const UNREADY_MS = 60_000

interface Options {
  ports: BackupPorts
  engine: Engine<BackupStep>
  /** When a cron pattern is due next after a moment. */
  nextRun(pattern: string, after: number): number | null
  /** Whether a place lies on the disk of the database. */
  sameDisk(path: string): Promise<boolean>
  kitKept(): Promise<boolean>
}

export type Backups = ReturnType<typeof createBackups>

/** Observe, plan, run: everything that makes backups, by itself or for a person. */
export function createBackups({ ports, engine, nextRun, sameDisk, kitKept }: Options) {
  const { clock, points } = ports
  const seen = {
    beat: null as Beat | null,
    failure: null as string | null,
    gaps: new Set<string>(),
    /** Names of points that are planned and not yet written down. */
    planned: new Set<string>(),
    gapsAt: 0,
    ready: '',
    readyAt: 0,
    /** Why a place could not be made ready. */
    unready: new Map<string, string>(),
    /** Why the log could not be streamed; null: nothing stands in the way. */
    stream: null as string | null,
    streamAt: 0,
  }

  async function placesOf(names: readonly string[] | null): Promise<Place[]> {
    if (names === null) return (await ports.policy()).places
    return Promise.all(names.map(name => placeNamed(ports, name)))
  }

  async function plan(wish: BackupWish): Promise<Plan<BackupStep>> {
    return planBackup(await observe(ports, await placesOf(wish.places)), wish)
  }

  /** What each place has, as far as it is written down here. */
  async function placeFacts(): Promise<PlaceFacts[]> {
    const all = await points.recent()
    const { places } = await ports.policy()
    return Promise.all(
      places.map(async place => {
        const own = all.filter(p => p.kind !== 'deploy' && covers(p, place.name))
        const last = own.find(p => p.state !== 'taking')
        const good = own.find(p => isGoodAt(p, place.name))
        return {
          name: place.name,
          lastGood: good?.endedAt ?? null,
          lastReason:
            seen.unready.get(place.name) ?? (last === undefined ? null : reasonAt(last, place.name)),
          missing: good === undefined ? [] : lacking(good, place.name),
          gap: seen.gaps.has(place.name),
          damaged: ((await ports.verified.last(place)) ?? 0) > 0,
          sameDisk: place.kind === 'folder' && (await sameDisk(place.path)),
        }
      }),
    )
  }

  async function due(): Promise<{ place: string; how: 'full' | 'auto' } | null> {
    const { places, schedules } = await ports.policy()
    const now = clock.now()
    const all = (await points.recent()).filter(p => p.kind !== 'deploy')
    for (const { name } of places) {
      const tries = all.filter(p => covers(p, name))
      const good = tries.find(p => isGoodAt(p, name))
      // One that a wrong clock dated ahead says nothing of how long ago it was.
      const last = tries.find(p => p.at <= now)
      if (last !== undefined && last !== good && now - last.at <= RETRY_MS) continue
      const from = Math.min(good?.at ?? 0, now)
      const next = Math.min(...schedules.map(s => nextRun(s, from) ?? Number.POSITIVE_INFINITY))
      if (good === undefined || next <= now || seen.gaps.has(name))
        return { place: name, how: seen.gaps.has(name) ? 'full' : 'auto' }
    }
    return null
  }

  /**
   * The archive command must know every place as soon as an app names it, not with the first backup to it. One that is
   * away does not keep the others from being used.
   */
  async function ready(): Promise<void> {
    const { places } = await ports.policy()
    const wanted = JSON.stringify(
      places.map(p => [
        p.name,
        placeAddress(p),
        ...(p.kind === 's3' ? [p.keyId, p.secret.reveal(), p.ca] : []),
      ]),
    )
    if (wanted === seen.ready || clock.now() - seen.readyAt < UNREADY_MS) return
    seen.readyAt = clock.now()
    seen.unready.clear()
    for (const place of places)
      await placeReady(ports, place).catch(error => seen.unready.set(place.name, describe(error).what))
    await archiveToAll(ports)
    if (seen.unready.size === 0) seen.ready = wanted
  }

  /** Set up otherwise than the apps ask for, or out of step: it is set up again. */
  async function receiving(): Promise<void> {
    const { beat } = seen
    if (beat === null) return
    const { receive } = await ports.policy()
    const wanted = receive === null ? null : receivedAt(receive.place)
    const fine = wanted === null ? !beat.synchronous : beat.synchronous && beat.receiving
    if (fine && wanted === (await ports.cluster.receivedAt())) {
      seen.stream = null
      return
    }
    if (seen.stream !== null && clock.now() - seen.streamAt < UNREADY_MS) return
    seen.streamAt = clock.now()
    try {
      await receiveAsAsked(ports)
    } catch (error) {
      seen.stream = describe(error).what
    }
  }

  async function lookForGaps(): Promise<void> {
    // A known one is looked at each time: it is over as soon as the new backup is there.
    if (seen.gaps.size === 0 && clock.now() - seen.gapsAt < GAPS_EVERY_MS) return
    seen.gapsAt = clock.now()
    for (const place of (await ports.policy()).places) {
      // What is told of a place that cannot be read is told by its backups.
      const gap = await hasGap(place).catch(() => seen.gaps.has(place.name))
      if (gap) seen.gaps.add(place.name)
      else seen.gaps.delete(place.name)
    }
  }

  async function hasGap(place: Place): Promise<boolean> {
    const newest = (await ports.physical.list(place)).at(-1)
    if (newest === undefined) return false
    const acknowledged = seen.beat?.archivedSegment ?? ''
    const { segments } = await ports.physical.archive(place)
    // What cannot be removed says nothing of gaps.
    if (place.kind === 'folder') await dropReceived(ports, place, segments).catch(() => {})
    // What was dropped because the place was away too long is acknowledged all the same.
    const dropped = /^[0-9A-F]{24}$/.test(acknowledged) && !segments.includes(acknowledged)
    return dropped || walGaps(segments, newest.firstSegment).length > 0
  }

  async function currentAlarms(): Promise<Alarm[]> {
    const cluster = await ports.cluster.place()
    return alarms({
      now: clock.now(),
      since: cluster?.since ?? (await points.recent()).at(-1)?.at ?? null,
      beat: seen.beat,
      beatFailure: seen.failure,
      places: await placeFacts(),
      kitKept: await kitKept(),
      receive: (await ports.policy()).receive,
      streamFailure: seen.stream,
      gone: cluster === null && (await ports.cluster.expected()) !== null,
    })
  }

  /**
   * A name has a resolution of one second. Two points of one name would become one, also when the first is planned
   * and its run has not yet written it down.
   */
  async function freeName(): Promise<string> {
    const taken = new Set((await points.recent()).map(point => point.name))
    for (const name of taken) seen.planned.delete(name)
    let at = clock.now()
    while (taken.has(pointName(at)) || seen.planned.has(pointName(at))) at += 1_000
    seen.planned.add(pointName(at))
    return pointName(at)
  }

  return {
    async planNow(wish: { how: 'full' | 'auto'; places: readonly string[] | null }) {
      return plan({ ...wish, by: 'person', point: await freeName() })
    },

    async planVerify(places: readonly string[] | null): Promise<Plan<BackupStep>> {
      return planVerify((await placesOf(places)).map(place => place.name))
    },

    report: async () =>
      report(ports, { archivedAt: seen.beat?.archivedAt ?? null, alarms: await currentAlarms() }),

    point: async (name: string) => pointView(await points.get(name)),

    /** Writes the heartbeat; called by a timer. */
    async beat(): Promise<void> {
      if ((await ports.cluster.place()) === null) return
      try {
        seen.beat = await ports.cluster.beat()
        seen.failure = null
      } catch (error) {
        const { code, what, why } = describe(error)
        seen.failure = code === 'internal' ? what : why
      }
    },

    /** Begins what is due; called by a timer. Nothing is kept before there is something, and no first release half built. */
    async tick(): Promise<void> {
      // What is being recovered is neither whole nor ours to name yet.
      if (await ports.files.exists(join(ports.home.root, 'recovering.json'))) return
      const apps = await keptApps(ports)
      const cluster = (await ports.cluster.place()) !== null
      if (!cluster && !apps.some(app => app.files || app.redis || app.dump)) return
      await ready()
      if (engine.busy()) return
      if (cluster) await receiving()
      if (cluster) await lookForGaps()
      const wanted = await due()
      if (wanted === null) return
      const planned = await plan({
        point: await freeName(),
        by: 'schedule',
        how: wanted.how,
        places: [wanted.place],
      })
      engine.start(planned, 'keeper')
    },

    alarms: currentAlarms,
  }
}

/** A point that was begun for a place, or has something there. */
const covers = (point: Pick<Point, 'parts' | 'places'>, place: string): boolean =>
  point.places.includes(place) || point.parts.some(part => part.place === place)

/** Why a point is not good at a place; null: it is. */
function reasonAt(point: Pick<Point, 'state' | 'reason' | 'missing'>, place: string): string | null {
  if (point.state === 'failed') return point.reason
  return point.missing.find(m => m.place === place && givenUp(point).has(place))?.why ?? null
}

/** Sortable, and without anything that a shell or a file name minds. */
export const pointName = (at: number): string =>
  new Date(at).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '')

/** What is to be kept of each app, as the release that serves says. */
export async function keptApps(ports: Pick<BackupPorts, 'apps' | 'releases'>): Promise<Subject['apps']> {
  const apps = await Promise.all(
    (await ports.apps.all()).map(async app => {
      const id = servingRelease(app)
      const config = id === null ? null : (await ports.releases.find(app.name, id))?.config
      return config == null
        ? []
        : [
            {
              name: app.name,
              files: config.backups.files && config.services.some(s => s.persist.length > 0),
              redis: config.backups.redis && config.redis === true,
              dump:
                config.database?.url !== undefined ||
                (config.database?.postgres === true && config.backups.dump),
            },
          ]
    }),
  )
  return apps.flat()
}

async function observe(ports: BackupPorts, places: readonly Place[]): Promise<Subject> {
  const policy = await ports.policy()
  const removals = await Promise.all(
    places.map(place =>
      // A place that cannot be reached now is told of when it is written to.
      removalAt(ports, place, policy.keep).catch(() => ({
        place: place.name,
        backups: [],
        snapshots: [],
      })),
    ),
  )
  return { cluster: (await ports.cluster.place()) !== null, apps: await keptApps(ports), policy, removals }
}
