import { join } from 'node:path'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Place } from '../places/place.ts'
import { createStreamKeeper } from '../streaming/keeping.ts'
import { createLasting, type PlaceFacts } from './alarms.ts'
import { createGapWatch } from './gaps.ts'
import { keptApps } from './kept.ts'
import { lacking } from './missing.ts'
import type { Subject } from './plan.ts'
import type { BackupPorts } from './ports.ts'
import { createPulse } from './pulse.ts'
import { createReadiness } from './readiness.ts'
import { removalAt } from './retain.ts'
import { dueAt, triesAt } from './tries.ts'

interface Options {
  ports: BackupPorts
  /** When a cron pattern is due next after a moment, in milliseconds since 1970; null: never. */
  nextRun(pattern: string, after: number): number | null
  /** Whether a folder is on the same disk as the database. */
  sameDisk(path: string): Promise<boolean>
}

export type AppBackups = ReturnType<typeof createAppBackups>

/** What the timers have observed last of one app: heartbeat, readiness of places, gaps in the WAL. */
function createSight({ ports, sameDisk }: Options) {
  const pulse = createPulse(ports.cluster)
  return {
    sameDisk,
    pulse,
    gaps: createGapWatch(ports, pulse),
    readiness: createReadiness(ports),
    stream: createStreamKeeper(ports, pulse.last),
    lasting: createLasting(),
  }
}
type Sight = ReturnType<typeof createSight>

/** Watches over the backups of one app. */
export function createAppBackups(options: Options) {
  const { ports, nextRun } = options
  const sight = createSight(options)
  return {
    ports,
    archivedAt: () => sight.pulse.last()?.archivedAt ?? null,
    /** Writes the heartbeat; called by a timer. */
    async beat(): Promise<void> {
      if ((await ports.policy()).on) await sight.pulse.beat()
    },

    /**
     * Makes the places ready, keeps the stream, looks for gaps. Returns the backup that is due; null: none is. `changing`:
     * whether a run changes the app, which may set the stream as the other release wants it.
     */
    async tend(changing: () => boolean): Promise<{ place: string; how: 'full' | 'auto' } | null> {
      if (!(await worthKeeping(ports))) return null
      await sight.readiness.ensure()
      const { on, places, schedule } = await ports.policy()
      if (changing() || !on) return null
      const cluster = await ports.cluster.place()
      if (cluster !== null) {
        await sight.stream.keep()
        await sight.gaps.look()
      }
      const names = places.map(place => place.name)
      return dueAt(await ports.points.recent(), names, {
        now: ports.clock.now(),
        since: cluster?.since ?? null,
        next: after => nextRun(schedule, after),
        gap: place => sight.gaps.needsFull(place),
      })
    },

    alarms: () => currentAlarms(ports, sight),

    /** What is to be backed up to these places. */
    async subject(places: readonly Place[]): Promise<Subject> {
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
      const kept = (await keptApps(ports)).get(ports.app) ?? { files: false, redis: false, dump: false }
      const cluster = (await ports.cluster.place()) !== null
      return { app: ports.app, cluster, ...kept, policy, removals }
    },
  }
}

/** Whether there is anything of the app to back up: its release serves, and it has a cluster or other data. */
async function worthKeeping(ports: BackupPorts): Promise<boolean> {
  // A server that is being recovered is incomplete, so it is not backed up.
  if (await ports.files.exists(join(ports.home.root, 'recovering.json'))) return false
  const kept = (await keptApps(ports)).get(ports.app)
  if (kept === undefined) return false
  return (await ports.cluster.place()) !== null || kept.files || kept.redis || kept.dump
}

/** What the keeper's store knows of each place. */
async function placeFacts(
  { points, verified }: BackupPorts,
  sight: Sight,
  { places, since }: { places: readonly Place[]; since: number },
): Promise<PlaceFacts[]> {
  const all = await points.recent()
  return Promise.all(
    places.map(async place => {
      const { good, reason, failed } = triesAt(all, place.name, since)
      return {
        name: place.name,
        lastGood: good?.endedAt ?? null,
        lastReason: sight.readiness.reason(place.name) ?? reason,
        failed,
        missing: good === null ? [] : lacking(good, place.name),
        gap: sight.gaps.has(place.name),
        lost: sight.gaps.lost(place.name),
        damaged: ((await verified.last(place)) ?? 0) > 0,
        sameDisk: place.kind === 'folder' && (await sight.sameDisk(place.path)),
      }
    }),
  )
}

async function currentAlarms(ports: BackupPorts, sight: Sight): Promise<Alarm[]> {
  const [cluster, policy] = await Promise.all([ports.cluster.place(), ports.policy()])
  return sight.lasting({
    app: ports.app,
    deployed: (await ports.apps.find(ports.app))?.state !== 'new',
    now: ports.clock.now(),
    on: policy.on,
    since: cluster?.since ?? (await ports.points.recent()).at(-1)?.at ?? null,
    beat: sight.pulse.last(),
    beatFailure: sight.pulse.failure(),
    places: await placeFacts(ports, sight, { places: policy.places, since: cluster?.since ?? 0 }),
    receive: policy.receive,
    streamFailure: sight.stream.failure(),
    loss: await ports.cluster.loss(),
  })
}
