import type { Actor } from '../../api/actor.ts'
import { showDuration } from '../../kernel/durations.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { appOf } from '../alerts/alert.ts'
import { mutedBy, type World } from '../alerts/policy.ts'
import type { WalkPorts } from './ports.ts'
import { type Auto, begins, type Firing, isOld, OLD_MS } from './rule.ts'
import type { Walks } from './walks.ts'

export interface AutomaticPorts extends Pick<WalkPorts, 'store' | 'library' | 'clock' | 'log'> {
  walks: Walks
  apps(): Promise<readonly string[]>
  /** What `runbooks:` of the release that serves says. */
  autos(app: string): Promise<readonly Auto[]>
  world(): Promise<World>
}

const SEEN_MS = 3_600_000
/** Walks of one runbook that began by themselves. */
const MOST_KEPT = 50

/** Runbooks that run by themselves, and those of apps that nobody has tried for long. */
export function createAutomatic(ports: AutomaticPorts) {
  const { store, library, clock, walks } = ports
  let seenAt = 0
  let old: Alarm[] = []
  const broken = new Map<string, Alarm>()

  async function begin(app: string, world: World): Promise<void> {
    const autos = await ports.autos(app)
    for (const key of broken.keys())
      if (key.startsWith(`${app} `) && !autos.some(one => key === `${app} ${one.runbook}`)) broken.delete(key)
    if (autos.length === 0) return
    const asked = { firing: firingOf(app, world), before: await store.before(app), now: clock.now() }
    for (const { runbook, occurrence } of begins(autos, asked)) {
      const key = `${app} ${runbook}`
      try {
        const kept = await library.find(runbook, app)
        // A release may have changed what was marked when it was deployed.
        if (!kept.runbook.safe) throw unmarked(runbook)
        await walks.begin(kept, { app, incident: null, dry: false, occurrence }, nobody(runbook, app))
        await store.prune(app, runbook, MOST_KEPT)
        broken.delete(key)
      } catch (error) {
        // One that cannot begin keeps no other from it.
        broken.set(key, cannot({ app, runbook }, error))
      }
    }
  }

  async function look(): Promise<void> {
    if (clock.now() - seenAt < SEEN_MS) return
    seenAt = clock.now()
    const tried = await store.tried()
    const found: Alarm[] = []
    for (const app of await ports.apps()) {
      const names = (await library.ofApp(app)).map(one => one.runbook.name)
      for (const [name, since] of await store.seen(app, names, clock.now())) {
        const last = tried.find(one => !one.own && one.app === app && one.runbook === name)?.at ?? since
        if (isOld(last, clock.now())) found.push(untried(app, name))
      }
    }
    old = found
  }

  return {
    async tick(): Promise<void> {
      const world = await ports.world()
      for (const app of new Set(world.alerts.flatMap(one => appOf(one) ?? [])))
        await begin(app, world).catch(error =>
          ports.log('error', `no runbook of ${app} can run by itself`, { error: describe(error) }),
        )
      await look()
    },

    async alarms(): Promise<Alarm[]> {
      const open = (await store.open()).filter(one => one.occurrence !== null)
      const standing = await Promise.all(open.map(one => walks.view(one.id)))
      return [
        ...standing.filter(one => one.acts.length > 0).map(({ walk }) => waiting(walk)),
        ...broken.values(),
        ...old,
      ]
    },
  }
}

/** Alerts of an app that nobody keeps quiet. */
const firingOf = (app: string, world: World): Firing[] =>
  world.alerts
    .filter(one => appOf(one) === app && one.state === 'firing' && mutedBy(one, world) === null)
    .map(({ occurrence, labels }) => ({ occurrence, name: labels['alertname'] ?? '' }))

/** The rights of a runbook that runs by itself: those of an operator, in its app alone. */
const nobody = (runbook: string, app: string): Actor => ({
  ...{ id: null, name: `runbook ${runbook}`, email: null, session: null, factor: null },
  ...{ role: null, apps: { [app]: 'operator' }, verbs: null },
})

const waiting = ({ id, runbook, app }: { id: number; runbook: string; app: string | null }): Alarm => ({
  code: 'runbook.waiting',
  level: 'soon',
  what: `the runbook ${runbook} ran by itself for ${app}, and waits for a person`,
  fix: `\`inn runbook go-on ${id}\` shows what it found, and goes on`,
  ...(app === null ? {} : { app }),
})

const unmarked = (name: string): Failure =>
  new Failure('runbook.unsafe', `the runbook ${name} is not marked safe`, {
    why: 'only what is marked `safe: true` between its lines of --- runs by itself',
    fix: 'mark it, or take it out of `runbooks:` in innkeeper.yaml',
  })

const cannot = ({ app, runbook }: { app: string; runbook: string }, error: unknown): Alarm => ({
  code: 'runbook.broken',
  level: 'soon',
  what: `the runbook ${runbook} of ${app} should have begun by itself, and could not: ${describe(error).what}`,
  fix: `\`inn runbook check --app ${app}\` says what is wrong with it`,
  app,
})

const untried = (app: string, name: string): Alarm => ({
  code: 'runbook.old',
  level: 'soon',
  what: `nobody has tried the runbook ${name} of ${app} for ${showDuration(OLD_MS)}`,
  fix: `\`inn runbook run ${name} --app ${app} --plan\` walks through it and changes nothing`,
  app,
})
