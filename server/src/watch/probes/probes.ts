import { type App, currentRelease, type Slot } from '../../apps/app/app.ts'
import { logName } from '../../apps/app/names.ts'
import type { Release, ReleaseEnv } from '../../apps/releases/release.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { ask } from './ask.ts'
import type { Asker } from './ports.ts'
import { keyOf, type Probing, type Standing } from './probe.ts'
import { alarmsOf, chosen, kept, observe } from './rule.ts'
import type { ProbeStore } from './store.ts'
import { probingsOf } from './targets.ts'

export interface ProbePorts {
  apps: { all(): Promise<App[]>; secrets(app: string): Promise<Record<string, string>> }
  config(app: string, release: string): Promise<Release['config'] | null>
  env(app: string, release: string): Promise<ReleaseEnv>
  /** Instances that run, of all colours. */
  slots(app: string): Promise<readonly Slot[]>
  asker: Asker
  store: ProbeStore
  clock: Clock
  edgeRuns(): Promise<boolean>
}

export type Probes = ReturnType<typeof createProbes>

/** How often it is looked for what is due. */
export const TICK_MS = 2_500

/** Asks what apps want to have asked, and remembers what came of it. */
export function createProbes(ports: ProbePorts) {
  const { clock, store, asker } = ports
  let wanted: Probing[] | null = null
  let standings: Promise<Map<string, Standing>> | null = null
  const begun = new Map<string, number>()
  const running = new Map<string, Probing>()

  /** What is remembered, from a keeper before this one at first. */
  const remembered = (): Promise<Map<string, Standing>> => {
    standings ??= store.failing()
    return standings
  }

  async function once(probing: Probing): Promise<void> {
    const key = keyOf(probing)
    running.set(key, probing)
    begun.set(key, clock.now())
    try {
      const result = await ask(asker, probing, clock)
      const all = await remembered()
      const before = all.get(key) ?? null
      const after = observe(before, result, probing.failures)
      // What was taken away meanwhile is not remembered again.
      if (!wanted?.some(one => keyOf(one) === key)) return
      all.set(key, after)
      if (after.state === 'failing' && before?.state !== 'failing') await store.fails(probing, after)
      if (after.state === 'ok' && before?.state === 'failing') await store.over(key)
    } finally {
      running.delete(key)
    }
  }

  /** What is wanted now; what is not is forgotten. */
  async function look(): Promise<Probing[]> {
    const found = (await Promise.all((await ports.apps.all()).map(app => wantedOf(ports, app)))).flat()
    const all = await remembered()
    const stay = kept(all, found)
    for (const [key, { state }] of all)
      if (!stay.has(key)) {
        all.delete(key)
        begun.delete(key)
        if (state === 'failing') await store.over(key)
      }
    wanted = found
    return found
  }

  return {
    /** Begins what is due; called by a timer, and does not wait for the answers. */
    async tick(): Promise<void> {
      const now = clock.now()
      const due = (await look())
        .filter(one => !running.has(keyOf(one)))
        .map(probing => ({ probing, at: dueAt(probing, begun) }))
        .filter(({ at }) => at <= now + TICK_MS / 2)
      for (const probing of chosen(due, [...running.values()])) void once(probing).catch(() => {})
    },

    async alarms(): Promise<Alarm[]> {
      // A keeper that has just started must not say that all is well.
      const found = failing(wanted ?? (await look()), await remembered())
      // That the edge is down is told by itself. While an app is down, alerts tell nothing of its probes.
      const isTold = found.some(({ probing }) => probing.own) && !(await ports.edgeRuns())
      return alarmsOf(found.filter(({ probing }) => !(isTold && probing.own)))
    },

    /** Every probe with what is remembered of it; null: it was not asked yet. */
    async list(): Promise<Array<{ probing: Probing; standing: Standing | null }>> {
      const all = await remembered()
      return (wanted ?? (await look())).map(probing => ({
        probing,
        standing: all.get(keyOf(probing)) ?? null,
      }))
    },
  }
}

/** A probe that was never asked is due longest. */
const dueAt = (probing: Probing, begun: ReadonlyMap<string, number>): number => {
  const last = begun.get(keyOf(probing))
  return last === undefined ? 0 : last + probing.everyMs
}

const failing = (wanted: readonly Probing[], all: ReadonlyMap<string, Standing>) =>
  wanted.flatMap(probing => {
    const standing = all.get(keyOf(probing))
    return standing?.state === 'failing' ? [{ probing, standing }] : []
  })

async function wantedOf(ports: ProbePorts, app: App): Promise<Probing[]> {
  const release = app.state === 'running' ? currentRelease(app) : null
  const config = release === null ? null : await ports.config(app.name, release)
  if (release === null || config === null) return []
  const envs = Object.keys(config.probes).length === 0 ? {} : await ports.env(app.name, release)
  return probingsOf({
    ...{ app: app.name, port: app.port, release, config },
    env: Object.values(envs)[0] ?? {},
    secrets: await ports.apps.secrets(app.name),
    instances: await askedEach(ports, app, config),
  })
}

/** Instances that take traffic, where a probe asks each. */
async function askedEach(ports: ProbePorts, app: App, { probes }: Release['config']) {
  if (!Object.values(probes).some(({ each }) => each !== undefined)) return []
  return (await ports.slots(app.name))
    .filter(({ service, colour }) => app.live[service]?.colour === colour)
    .map(slot => ({ service: slot.service, instance: logName(slot), port: slot.port }))
}
