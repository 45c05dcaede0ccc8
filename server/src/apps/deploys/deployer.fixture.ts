import type { TestContext } from 'node:test'
import { homeAt } from '../../config/home.ts'
import { openStore } from '../../db/db.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import { heldSource } from '../../kernel/held-source.ts'
import type { RouteTable, Traffic } from '../../reach/edge/edge.ts'
import type { ServiceState } from '../../servers/supervisor/supervisor.ts'
import { appStore } from '../app/store.ts'
import { releaseStore } from '../releases/store.ts'
import { createDeployer } from './deployer.ts'
import type { PortFinder } from './observe.ts'
import { release } from './plan.fixture.ts'
import type { DeployPorts } from './ports.ts'
import type { DeployStep } from './step.ts'
import { DeployRequest } from './wire.ts'

export const FILE = `
name: shop
services:
  api: { start: node api.js }
  web: { static: dist }
routes: { /api: api, /: web }
env: { STRIPE: { from: STRIPE } }
database: { postgres: true }
release: node migrate.js
`
export const blue = (id: string) => ({ release: id, colour: 'blue' }) as const
export const green = (id: string) => ({ release: id, colour: 'green' }) as const

/** What the test decides about the server. */
function decided() {
  const state = {
    now: Date.parse('2026-11-20T10:00:00Z'),
    uploads: {} as Record<string, string>,
    tables: {} as Record<string, RouteTable>,
    services: {} as Record<string, Partial<ServiceState>>,
    traffic: {} as Record<string, Traffic> | Error,
    places: [] as string[],
    taken: new Set<number>(),
    busy: false,
    refusal: null as Error | null,
    folders: [] as string[],
    /** The files of the app's cluster are there. */
    files: true,
  }
  return state
}
type Decided = ReturnType<typeof decided>

const touched = (state: Decided) => ({
  edge: {
    table: async (app: string) => state.tables[app] ?? null,
    site: async () => null,
    async traffic() {
      if (state.traffic instanceof Error) throw state.traffic
      return state.traffic
    },
  },
  supervisor: {
    list: async () => Object.keys(state.services),
    state: async (name: string) =>
      state.services[name] === undefined
        ? null
        : { name, pid: 7, wanted: true, seconds: 1, tag: 'r1', crashes: 0, ...state.services[name] },
  },
  clusters: {
    of: () => ({
      expected: async () => ({ data: '/h/postgres/shop/data' }),
      place: async () => (state.files ? {} : null),
    }),
  },
  files: { exists: async (path: string) => state.folders.includes(path) },
  clock: { now: () => state.now, sleep: async () => {} },
  random: (length: number) => 'x'.repeat(length),
  channels: async () => ['ops'],
  checkinUrl: (token: string) => `http://keeper/${token}`,
  judged: async () => [],
  warnings: async () => ['there is no good backup'],
  newPlaces: async () => state.places,
  source: () => heldSource({}),
})

const finderOf = (state: Decided): PortFinder => ({
  async free(taken, _, n) {
    const found: number[] = []
    for (let port = 4001; found.length < n; port++) if (!taken.has(port)) found.push(port)
    return found
  },
  isFree: async port => !state.taken.has(port),
})

/** A server with a store, on which nothing is really started. */
export function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const state = decided()
  const apps = appStore(store, () => state.now)
  const releases = releaseStore(store, () => state.now)
  const started: Array<[Plan<DeployStep>, string]> = []
  const deployer = createDeployer({
    ports: { home: homeAt('/h'), apps, releases, ...touched(state) } as unknown as DeployPorts,
    finder: finderOf(state),
    engine: {
      busy: () => state.busy,
      start(plan: Plan<DeployStep>, actor: string) {
        if (state.refusal !== null) throw state.refusal
        started.push([plan, actor])
        return 'run-1'
      },
    } as unknown as Engine<DeployStep>,
    readUpload: async archive => state.uploads[archive] ?? null,
  })
  const request = (more: Partial<DeployRequest> = {}) =>
    DeployRequest.parse({ upload: 'a'.repeat(64), env: { STRIPE: 'sk' }, ...more })
  state.uploads[`/h/uploads/${'a'.repeat(64)}.tgz`] = FILE
  /** The app serves these, with the releases that are named. */
  const serves = async (
    live: Record<string, { release: string; colour: 'blue' | 'green' }>,
    warm: typeof live = {},
    kept = [release(1), release(2)],
  ) => {
    await apps.create('shop', 8001)
    await apps.setLive('shop', { live, warm, state: 'running' })
    for (const one of kept) await releases.put(one, {})
  }
  return { state, apps, releases, deployer, request, serves, started }
}
