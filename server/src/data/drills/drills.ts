import { currentRelease } from '../../apps/app/app.ts'
import type { Release } from '../../apps/releases/release.ts'
import type { DrillConfig } from '../../config/backups.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Point } from '../backups/point.ts'
import { pointName } from '../backups/point-name.ts'
import { timelineOf } from '../restores/lineage.ts'
import { ownOf } from '../restores/proof.ts'
import type { Drill } from './drill.ts'
import { planDrill, type Steps } from './plan.ts'
import type { DrillsPorts } from './ports.ts'
import { drillView } from './report.ts'
import { abandonedBy, alarmsOf, isDue, partFor, pointFor } from './rule.ts'

interface Options {
  ports: DrillsPorts
  engine: Engine<Steps>
  /** When a cron pattern is due next after a moment, in milliseconds since 1970; null: never. */
  nextRun(pattern: string, after: number): number | null
}

interface Subject {
  app: string
  live: Release
  /** When the app got its database. */
  since: number
  drill: DrillConfig
  drills: Drill[]
}

export type Drills = ReturnType<typeof createDrills>

/** Plans and starts drills, by schedule or for a person, and reports on them. */
export function createDrills({ ports, engine, nextRun }: Options) {
  const { apps, releases, drills: store, clock } = ports
  let known: Alarm[] | null = null

  async function liveRelease(app: string): Promise<Release | null> {
    const id = currentRelease(await apps.find(app))
    return id === null ? null : releases.find(app, id)
  }

  /** Apps that have a cluster, each with its configuration of drills. */
  async function subjects(): Promise<Subject[]> {
    const drills = await store.list()
    const found = (await apps.all()).map(async ({ name: app }) => {
      const made = (await ports.of(app).cluster.place())?.since
      const live = await liveRelease(app)
      const { database, backups } = live?.config ?? {}
      const drill = backups?.drill ?? false
      if (made === undefined || live === null || database?.postgres !== true || drill === false) return []
      const since = Math.max(made, await releases.firstAt(app))
      return [{ app, live, since, drill, drills: drills.filter(d => d.app === app) }]
    })
    return (await Promise.all(found)).flat()
  }

  /** The release that served at that moment, if its files are still there; else the one that serves now. */
  async function releaseFor(app: string, then: string | undefined, live: Release) {
    const release = then === undefined ? null : await releases.find(app, then)
    if (release?.state === 'ready') return { release: release.id, notices: [] }
    const gone =
      then === undefined ? 'the point names no release' : `the files of ${then} are not kept any more`
    return { release: live.id, notices: [`${gone}: ${live.id} is started instead`] }
  }

  /**
   * The newest suitable restore point of what the app has now, or of a branch that was left when there is no other; or the
   * named one if it is suitable. null: there is none.
   */
  async function startingPoint(app: string, named?: string): Promise<Point | null> {
    const own = ports.of(app)
    const points = named === undefined ? await own.points.list() : [await own.points.get(named)]
    const { name } = await ownOf(own)
    const branches = await own.branches()
    const lives = points.filter(point => abandonedBy(branches, point) === null)
    return pointFor(lives, name) ?? pointFor(points, name)
  }

  async function plan(app: string, point: Point, live: Release): Promise<Plan<Steps>> {
    const part = partFor(point, await store.list())!
    const now = clock.now()
    return planDrill({
      drill: `${app}-${pointName(now)}`,
      app,
      point: point.name,
      place: part.place,
      backup: part.id,
      copy: `d${Math.floor(now / 1000).toString(36)}`,
      timeline: timelineOf(point.segment!),
      abandoned: abandonedBy(await ports.of(app).branches(), point),
      ...(await releaseFor(app, point.releases[app], live)),
    })
  }

  return {
    async planNow(app: string, { point: named }: { point?: string | undefined }): Promise<Plan<Steps>> {
      await apps.get(app)
      const live = await liveRelease(app)
      if (live?.config.database?.postgres !== true) throw noDatabase(app)
      const point = await startingPoint(app, named)
      if (point === null) throw noPoint(app, named)
      return plan(app, point, live)
    },

    /** Starts the drill that is due, one at a time; called by a timer. */
    async tick(): Promise<void> {
      if (engine.busy()) return
      const now = clock.now()
      for (const { app, live, since, drill, drills } of await subjects()) {
        if (!isDue({ now, since, drills, next: after => nextRun(drill.schedule, after) })) continue
        const point = await startingPoint(app)
        // Without a suitable restore point there is nothing to try: the alarms about backups say so.
        if (point === null) continue
        engine.start(await plan(app, point, live), 'keeper')
        return
      }
    },

    /** `soon`: as they were found last. They are found again every few seconds, to be told. */
    async alarms({ soon = false } = {}): Promise<Alarm[]> {
      if (!soon || known === null) known = alarmsOf({ now: clock.now(), apps: await subjects() })
      return known
    },
    list: async () => (await store.list()).map(drillView),
    show: async (id: string) => drillView(await store.get(id)),
  }
}

const noDatabase = (app: string): Failure =>
  new Failure('drill.no-database', `${app} has no database that Innkeeper runs`, {
    why: 'a drill rehearses the restore of a database',
    fix: '`inn status` lists the apps; of one without a cluster `inn backup verify` reads every byte that is kept',
  })

const noPoint = (app: string, named: string | undefined): Failure =>
  new Failure(
    'drill.no-point',
    named === undefined ? `there is no restore point of ${app} yet` : `${named} cannot be rehearsed`,
    {
      why: 'a drill begins from a complete restore point that has its database',
      fix: `\`inn backup now ${app}\`, then \`inn drill now ${app}\``,
    },
  )
