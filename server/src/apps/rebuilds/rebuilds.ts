import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { type App, currentRelease } from '../app/app.ts'
import { builtIn, type Release } from '../releases/release.ts'
import { planRebuild } from './plan.ts'
import type { RebuildPorts } from './ports.ts'
import { alarmsOf, isDue } from './rule.ts'
import type { RebuildStep } from './step.ts'

interface Options {
  ports: Pick<RebuildPorts, 'home' | 'apps' | 'releases' | 'rebuilds' | 'clock'> & {
    files: Pick<RebuildPorts['files'], 'exists'>
  }
  engine: Pick<Engine<RebuildStep>, 'start' | 'busy'>
  /** When a cron pattern is due next after a moment, in milliseconds since 1970; null: never. */
  nextRun(pattern: string, after: number): number | null
}

export type Rebuilds = ReturnType<typeof createRebuilds>

/** Plans and starts rebuilds from nothing, by schedule or for a person. */
export function createRebuilds({ ports, engine, nextRun }: Options) {
  const { home, files, apps, releases, rebuilds, clock } = ports
  const since = clock.now()
  const begun = new Map<string, number>()

  /** The release whose files serve, and the configuration that counts now; null: nothing serves. */
  async function serving(app: App): Promise<{ built: Release; now: Release } | null> {
    const id = currentRelease(app)
    const now = id === null ? null : await releases.find(app.name, id)
    const built = now === null ? null : await releases.find(app.name, builtIn(now))
    return now === null || built === null ? null : { built, now }
  }

  /** The release that is due to be built; null: none of this app. */
  async function due(app: App): Promise<Release | null> {
    const found = await serving(app)
    if (found === null || found.now.config.rebuild === false) return null
    const { schedule } = found.now.config.rebuild
    const isTime = isDue({
      now: clock.now(),
      made: found.built.createdAt,
      last: await rebuilds.last(app.name),
      since,
      begun: begun.get(app.name) ?? null,
      next: after => nextRun(schedule, after),
    })
    // Without its source nothing can be tried. The next deploy brings one.
    return isTime && (await files.exists(home.upload(found.built.source))) ? found.built : null
  }

  return {
    async planNow(app: string): Promise<Plan<RebuildStep>> {
      const found = await serving(await apps.get(app))
      if (found === null) throw nothingServes(app)
      return planRebuild(found.built)
    },

    /** Starts the rebuild that is due, one at a time; called by a timer. */
    async tick(): Promise<void> {
      if (engine.busy()) return
      for (const app of await apps.all()) {
        const release = await due(app)
        if (release === null) continue
        begun.set(app.name, clock.now())
        engine.start(planRebuild(release), 'keeper')
        return
      }
    },

    async alarms(): Promise<Alarm[]> {
      const found = (await apps.all()).map(async app => {
        const last = await rebuilds.last(app.name)
        // This is asked every few seconds, and hardly an app has anything to tell.
        if (last === null || last.failed === 0) return []
        const release = (await serving(app))?.built
        return release === undefined
          ? []
          : alarmsOf(app.name, { id: release.id, made: release.createdAt }, last)
      })
      return (await Promise.all(found)).flat()
    },
  }
}

const nothingServes = (app: string): Failure =>
  new Failure('rebuild.nothing', `no release of ${app} serves`, {
    why: 'a rebuild builds the release that serves again, and compares',
    fix: '`inn deploy` builds one',
  })
