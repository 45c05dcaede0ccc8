import { homeAt } from '../../config/home.ts'
import { readConfigOrFail } from '../../config/read.ts'
import type { StepContext } from '../../engine/run.ts'
import type { Failure } from '../../kernel/failure.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import type { ServiceSpec, ServiceState } from '../../servers/supervisor/supervisor.ts'
import type { Slot } from '../app/app.ts'
import { slotName } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import type { ready, stop } from './perform-instances.ts'
import { release, slot } from './plan.fixture.ts'

const config = readConfigOrFail(`
name: shop
services:
  api:
    start: node api.js --port $PORT
    root: packages/api
    health: { path: /up, startPeriod: 10s, interval: 1s }
    stopGrace: 4500ms
    drain: 20s
  mail: { start: node mail.js, worker: true }
`)
export const r2: Release = release(2, { config, artifacts: { api: 'r1', mail: 'r2' } })
const home = homeAt('/h')
export const api = slot('api', 'green', 1, 4001)
export const mail = slot('mail', 'green', 1, 4002)

/** What the test decides about the machine, and what was done on it. */
function ledger() {
  const did: string[] = []
  const state = {
    now: 0,
    services: {} as Record<string, Partial<ServiceState>>,
    specs: [] as ServiceSpec[],
    /** What a health check of the instance answers; an error: nobody is there. */
    answer: { status: 200, contentType: 'text/plain', body: 'ok' } as
      | { status: number; contentType: string; body: string }
      | Error,
    sockets: [{ port: 4001, open: false }],
    gate: true,
    log: '',
    taken: 0,
    /** What happens at each moment. */
    tick: () => {},
  }
  return { did, state }
}
type Ledger = ReturnType<typeof ledger>

const records = ({ did }: Ledger) => ({
  apps: {
    givePort: async (owner: string, port: number) => void did.push(`give ${port} to ${owner}`),
    settle: async (app: string, items: readonly Slot[]) =>
      void did.push(`settle ${app} ${items.map(slotName).join(' ')}`),
  },
  releases: {
    get: async (_: string, id: string) => ({ ...r2, id }),
    env: async () => ({ api: { NODE_ENV: 'production', PATH: 'overruled' }, mail: {} }),
  },
})

const programs = ({ did }: Ledger) => ({
  network: { HTTPS_PROXY: 'http://proxy', HOME: 'overruled' },
  runtimes: {
    node: async (major: number) => `/node/${major}`,
    manager: async (name: string) => `/${name}`,
  },
  systemPath: '/usr/bin',
  source: () => ({
    text: async () => null,
    has: async (path: string) => path === 'pnpm-lock.yaml',
    names: async () => null,
  }),
  confined: async (app: string, at: { inside: string; name: string; port?: number | null }) => {
    did.push(`confine ${at.name} in ${at.inside} port ${at.port}`)
    return confinement({ home, app, user: null, inside: at.inside, cgroup: null })
  },
})

const supervisor = ({ did, state }: Ledger) => ({
  async state(name: string): Promise<ServiceState | null> {
    const found = state.services[name]
    if (found === undefined) return null
    return { name, pid: 7, wanted: true, seconds: 1, tag: 'r2', crashes: 0, ...found }
  },
  async define(spec: ServiceSpec) {
    state.specs.push(spec)
    did.push(`define ${spec.name}`)
  },
  start: async (name: string) => void did.push(`start ${name}`),
  stop: async (name: string) => void did.push(`stop ${name}`),
})

const sockets = ({ did, state }: Ledger) => ({
  probe: {
    async http() {
      if (state.answer instanceof Error) throw state.answer
      return state.answer
    },
    tcp: async () => {},
  },
  holdPorts: async () => void did.push('hold'),
  listening: async () => state.sockets,
  async isFree() {
    return state.taken-- <= 0
  },
  clock: {
    now: () => state.now,
    async sleep(ms: number, signal?: AbortSignal) {
      signal?.throwIfAborted()
      state.now += ms
      state.tick()
    },
  },
  files: {
    exists: async (path: string) => state.gate && path === '/h/edge/gates/4001',
    async logTail(folder: string, tag: string) {
      did.push(`log ${folder} ${tag}`)
      return state.log
    },
  },
})

/** One supervisor, the sockets of the machine, and a clock whose ticks the test sees. */
export function machine() {
  const book = ledger()
  const ports = { home, ...records(book), ...programs(book), ...sockets(book), supervisor: supervisor(book) }
  return {
    ...book,
    ports: ports as unknown as Parameters<typeof ready>[0] & Parameters<typeof stop>[0],
  }
}

export const context = { signal: new AbortController().signal, say: () => {} } as unknown as StepContext
export const refused = async (work: Promise<unknown>): Promise<Failure> => {
  try {
    await work
  } catch (error) {
    return error as Failure
  }
  throw new Error('it went well')
}
