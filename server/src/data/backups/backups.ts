import { appLock, KEEPER } from '../../apps/app/names.ts'
import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Place } from '../places/place.ts'
import { placeNamed } from '../repositories/ready.ts'
import { failingAlarm, kitAlarm } from './alarms.ts'
import { type AppBackups, createAppBackups } from './app-backups.ts'
import { type BackupWish, type KeeperSubject, planBackup, planKeeper, planVerify } from './plan.ts'
import { pointNames } from './point-name.ts'
import type { BackupsPorts, KeeperPorts } from './ports.ts'
import { createReport, pointView } from './report.ts'
import { snapshotsAt } from './retain.ts'
import type { BackupStep } from './step.ts'
import type { PointStore } from './store.ts'
import { dueAt, triesAt } from './tries.ts'

/** Backups by the schedule that run at the same time. More would take the disk and the processors from the apps. */
const MOST_AT_ONCE = 2

interface Options {
  ports: BackupsPorts
  /** The restore points of all owners. */
  points: PointStore
  engine: Engine<BackupStep>
  nextRun(pattern: string, after: number): number | null
  sameDisk(path: string): Promise<boolean>
  kitKept(): Promise<boolean>
}

export type Backups = ReturnType<typeof createBackups>

export interface NowWish {
  /** The app; null: the keeper's own state alone. */
  app: string | null
  how: 'full' | 'auto'
  places: readonly string[] | null
}

/** Plans and starts backups, by schedule or for a person, and reports on them. */
export function createBackups(options: Options) {
  const { ports, points, engine } = options
  const { clock } = ports.keeper
  const freeName = pointNames({ points, clock })
  const all = perApp(options)
  const report = createReport(clock)

  async function plan(
    app: string,
    wish: Pick<BackupWish, 'by' | 'how' | 'places'>,
  ): Promise<Plan<BackupStep>> {
    const own = await all.of(app)
    if (!(await own.ports.policy()).on) throw off(app)
    const subject = await own.subject(await placesOf(own.ports, wish.places))
    return planBackup(subject, { ...wish, point: await freeName() })
  }
  const planOwn = async (by: 'person' | 'schedule'): Promise<Plan<BackupStep>> =>
    planKeeper(await keeperSubject(ports.keeper), { by, point: await freeName() })
  let alarms: Alarm[] | null = null
  const alarmsNow = async () => {
    alarms = await currentAlarms(options, all)
    return alarms
  }

  return {
    planNow: ({ app, how, places }: NowWish) =>
      app === null ? planOwn('person') : plan(app, { how, places, by: 'person' }),
    async planVerify(app: string | null, places: readonly string[] | null): Promise<Plan<BackupStep>> {
      const own = app === null ? ports.keeper : (await all.of(app)).ports
      if (app !== null && !(await own.policy()).on) throw off(app)
      return planVerify(
        app,
        (await placesOf(own, places)).map(place => place.name),
      )
    },
    /** What can be restored of an app, or of all and of the keeper (null). `soon`: without waiting for the places. */
    async report(app: string | null, soon: boolean) {
      const apps = app === null ? await all.list() : [await all.of(app)]
      const keeper = app === null ? ports.keeper : null
      return report(apps, {
        keeper,
        points: app === null ? points : ports.of(app).points,
        // They are found again every few seconds, to be told.
        alarms: (soon ? alarms : null) ?? (await alarmsNow()),
        soon,
      })
    },
    point: async (name: string) => pointView(await points.get(name)),
    /** Writes the heartbeat of every cluster; called by a timer. */
    beat: async (): Promise<void> => void (await Promise.all((await all.list()).map(app => app.beat()))),
    /** Starts the backups that are due; called by a timer. */
    async tick(): Promise<void> {
      const free = () => engine.count('backup') < MOST_AT_ONCE
      const tended = await Promise.allSettled(
        (await all.list()).map(async app => {
          const due = await app.tend(() => engine.holds(appLock(app.ports.app)))
          if (due === null || !free()) return
          const wish = { by: 'schedule', how: due.how, places: [due.place] } as const
          startUnlessLocked(engine, await plan(app.ports.app, wish))
        }),
      )
      // After the backups of apps, so that its state knows all of them.
      if (engine.count('backup') === 0 && (await keeperDue(options)))
        startUnlessLocked(engine, await planOwn('schedule'))
      for (const one of tended) if (one.status === 'rejected') throw one.reason
    },
    alarms: alarmsNow,
    /** The alarms of one app; none before it was deployed. */
    alarmsOf: async (app: string): Promise<Alarm[]> =>
      (await all.list()).find(one => one.ports.app === app)?.alarms() ?? [],
  }
}

const off = (app: string): Failure =>
  new Failure('backup.off', `${app} has no backups`, {
    why: 'the file that it was deployed with says backups: false in this environment, or it is a preview',
    fix: 'take that line out and deploy; previews never have any',
  })

/** The backups of each app, made when they are first asked for. */
function perApp({ ports, nextRun, sameDisk }: Options) {
  const made = new Map<string, AppBackups>()
  function get(app: string): AppBackups {
    const known = made.get(app) ?? createAppBackups({ ports: ports.of(app), nextRun, sameDisk })
    made.set(app, known)
    return known
  }
  const names = async () => (await ports.apps.all()).map(({ name }) => name)
  return {
    async of(app: string): Promise<AppBackups> {
      return get((await ports.apps.get(app)).name)
    },
    async list(): Promise<AppBackups[]> {
      const now = await names()
      for (const app of made.keys()) if (!now.includes(app)) made.delete(app)
      return now.map(get)
    },
  }
}

async function placesOf(
  ports: Parameters<typeof placeNamed>[0],
  names: readonly string[] | null,
): Promise<Place[]> {
  if (names === null) return (await ports.policy()).places
  return Promise.all(names.map(name => placeNamed(ports, name)))
}

async function keeperSubject(ports: KeeperPorts): Promise<KeeperSubject> {
  const { places, keep } = await ports.policy()
  const removals = await Promise.all(
    places.map(place =>
      snapshotsAt(ports, place, keep).catch(() => ({ place: place.name, backups: [], snapshots: [] })),
    ),
  )
  return { places: places.map(place => place.name), keep, removals }
}

/** Whether the keeper's own state is due: after each backup of an app, because the state has to know of it, and by its own schedule. */
async function keeperDue({ ports: { keeper }, points, nextRun }: Options): Promise<boolean> {
  const all = (await points.recent()).filter(point => point.state === 'good' && point.kind !== 'deploy')
  const last = Math.max(...all.filter(point => point.app !== null).map(point => point.endedAt ?? 0))
  // Before the first backup of an app there is nothing to find again.
  if (!Number.isFinite(last)) return false
  const { places, schedule } = await keeper.policy()
  const due = dueAt(
    await keeper.points.recent(),
    places.map(place => place.name),
    {
      now: keeper.clock.now(),
      next: after => (last > after ? last : nextRun(schedule, after)),
      since: null,
      gap: () => false,
    },
  )
  return due !== null
}

/** The keeper's own state, without which a new machine finds nothing, is backed up by tries of its own. */
async function keeperAlarms({ points, policy }: KeeperPorts): Promise<Alarm[]> {
  const all = await points.recent()
  return (await policy()).places.flatMap(({ name }) => {
    const { failed, reason: lastReason } = triesAt(all, name, 0)
    return failingAlarm({ owner: KEEPER, of: 'the state of the keeper' }, { name, failed, lastReason })
  })
}

/** The alarms of all apps. One that several apps have in common is there once. */
async function currentAlarms(
  { ports, kitKept }: Pick<Options, 'ports' | 'kitKept'>,
  all: ReturnType<typeof perApp>,
): Promise<Alarm[]> {
  const apps = await all.list()
  const each = await Promise.all(
    apps.map(async one => (await one.alarms()).map((alarm): Alarm => ({ ...alarm, app: one.ports.app }))),
  )
  const made = await Promise.all(apps.map(async app => (await app.ports.cluster.place())?.since ?? null))
  const since = Math.min(...made.filter(at => at !== null))
  const kit = Number.isFinite(since)
    ? kitAlarm({ kitKept: await kitKept(), since, now: ports.keeper.clock.now() })
    : []
  const own = await keeperAlarms(ports.keeper)
  const once = new Map<string, Alarm>()
  for (const alarm of [...each.flat(), ...own, ...kit]) {
    const key = `${alarm.code} ${alarm.what}`
    const { app: _, ...ofSeveral } = alarm
    once.set(key, once.has(key) ? ofSeveral : alarm)
  }
  // The worst first.
  return [...once.values()].toSorted((a, b) => a.level.localeCompare(b.level))
}
