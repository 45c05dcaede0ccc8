import { readConfig } from '../../config/read.ts'
import { openStore, type Store } from '../../db/db.ts'
import { nextRun } from '../../drivers/croner/schedule.ts'
import { Failure } from '../../kernel/failure.ts'
import type { App } from '../app/app.ts'
import type { Release } from '../releases/release.ts'
import { createJobs } from './jobs.ts'
import type { JobPorts } from './ports.ts'
import type { Ended } from './rule.ts'
import type { JobProgram, JobRunner, Try } from './runner.ts'
import { jobStore } from './store.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
/** A Monday at 08:00 UTC. */
export const START = Date.parse('2026-11-30T08:00:00Z')

/** A world in which jobs run: a clock that is moved, apps that are changed, and programs that end when somebody says so. */
export function world(yaml: string, store: Store = openStore(':memory:')) {
  const state = {
    now: START,
    apps: [
      {
        ...{ name: 'shop', port: 4000, state: 'running', warm: {}, scale: {} },
        live: { api: { release: 'r1', colour: 'blue' } },
      },
    ] as App[],
    asleep: new Set<string>(),
    woken: [] as string[],
    started: [] as Array<Try & { program: JobProgram }>,
    ends: new Map<string, Ended | 'running'>(),
    stops: [] as string[],
    forgotten: [] as string[],
    /** How programs end that nobody says anything else of; null: they go on. */
    usual: { how: 'exit', code: 0, signal: null } as Ended | null,
    defects: [] as unknown[],
    yaml: new Map([['r1', yaml]]),
    ids: 0,
  }
  const configOf = (release: string) => readConfig(state.yaml.get(release)!).config
  const key = ({ run, attempt }: Pick<Try, 'run' | 'attempt'>) => `${run}.${attempt}`
  const runner: JobRunner = {
    async start(one, program) {
      if (state.ends.has(key(one))) return
      state.started.push({ ...one, program })
      state.ends.set(key(one), state.usual ?? 'running')
    },
    async state(one) {
      const end = state.ends.get(key(one))
      if (end === undefined) return { state: 'none' }
      if (end === 'running') return { state: 'running', startedAt: state.now }
      return { state: 'ended', startedAt: state.now, endedAt: state.now, ended: end }
    },
    async stop({ run }) {
      state.stops.push(run)
      for (const [one, end] of state.ends)
        if (one.startsWith(`${run}.`) && end === 'running')
          state.ends.set(one, { how: 'stopped', code: null, signal: null })
    },
    output: async (_, from) => ({ bytes: Buffer.alloc(0), from, next: from }),
    async forget({ run }) {
      state.forgotten.push(run)
    },
    kept: async () => state.started.map(({ app, run }) => ({ app, run })),
  }
  const ports: JobPorts = {
    apps: {
      all: async () => state.apps,
      find: async name => state.apps.find(app => app.name === name) ?? null,
    },
    config: async (_, release) => configOf(release),
    async release(app, id) {
      const config = configOf(id)
      if (config === null) throw new Failure('release.unknown', `no ${id}`, { why: 'x', fix: 'y' })
      return { app, id, config, artifacts: { api: id } } as unknown as Release
    },
    store: jobStore(store),
    runner,
    commandOf: async ({ argv, env, release }) => ({
      ...{ argv, env, cwd: `/${release.id}` },
      confinement: {} as JobProgram['confinement'],
    }),
    asleep: async ({ name }) => state.asleep.has(name),
    async wake(app) {
      state.woken.push(app)
    },
    awake: { hold: () => () => {} },
    clock: { now: () => state.now, sleep: async () => {} },
    nextRun,
    newId: () => `run${++state.ids}`,
    onDefect: error => state.defects.push(error),
  }
  return { state, ports, store: jobStore(store), open: (own: JobPorts = ports) => createJobs(own) }
}

export const YAML = (job: string) =>
  `name: shop\nservices: { api: { start: node a, stopGrace: 5s } }\njobs: { mail: { command: node mail, ${job} } }`

export const MAIL = { app: 'shop', name: 'mail' }

/** A keeper that looks each second or so, for as long as this. */
export async function pass(
  jobs: { tick(): Promise<void> },
  state: { now: number },
  ms: number,
  stepMs = 20_000,
) {
  for (const end = state.now + ms; state.now < end; state.now += stepMs) await jobs.tick()
  await jobs.tick()
}

export const statesOf = async (at: ReturnType<typeof world>): Promise<string[]> =>
  (await at.store.history(MAIL, 100)).map(
    run => `${new Date(run.moment).toISOString().slice(11, 16)} ${run.state}`,
  )
