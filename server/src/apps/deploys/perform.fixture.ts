import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { digestOf } from '../../config/digest.ts'
import { homeAt } from '../../config/home.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import type { StepContext } from '../../engine/run.ts'
import type { Failure } from '../../kernel/failure.ts'
import { heldSource } from '../../kernel/held-source.ts'
import type { Site } from '../../reach/edge/edge.ts'
import { confinement } from '../../servers/confinement/confinement.ts'
import type { ServiceSpec } from '../../servers/supervisor/supervisor.ts'
import { appStore } from '../app/store.ts'
import type { DatabaseAccess } from '../databases/cluster.ts'
import type { Finished } from '../releases/runner.ts'
import type { Sharing } from '../releases/sealed.ts'
import { releaseStore } from '../releases/store.ts'
import { deployPerformer } from './perform.ts'
import type { DeployPorts } from './ports.ts'
import type { DeployStep } from './step.ts'

export const FILE = `
name: shop
services:
  api: { start: node api.js, root: api, persist: [uploads], build: [npm run build], env: { KEY: { generate: 16 } } }
  web: { static: dist, build: [npm run web] }
routes: { /api: api, /: web }
env: { STRIPE: { from: STRIPE } }
database: { postgres: true }
redis: true
keep: 2
`
const config = readConfigOrFail(FILE)
export const OK: Finished = { code: 0, signal: null, tail: '', stdout: '', ms: 1 }
const anna = { name: 'inn-shop', uid: 1001, gid: 1001 }

/** What the test decides about the machine, and what was done on it. */
function ledger() {
  const did: string[] = []
  const state = {
    now: 50_000,
    files: { 'api/package.json': '{}' } as Record<string, string>,
    account: anna as typeof anna | null,
    /** Why equal files cannot be stored once. */
    unshared: null as Failure | null,
    services: [] as string[],
    finished: OK,
    redisAfter: 0,
    room: { memoryAvailable: 8e9, diskFree: 8e10, diskTotal: 1e11 },
    specs: [] as ServiceSpec[],
    access: [] as DatabaseAccess[],
    inputs: [] as unknown[],
    /** Releases in which jobs run. */
    inJobs: [] as string[],
  }
  const note =
    (what: string) =>
    async (...all: unknown[]): Promise<void> =>
      void did.push(
        [what, ...all.map(one => (typeof one === 'string' || typeof one === 'number' ? one : ''))]
          .join(' ')
          .trimEnd(),
      )
  return { did, state, note }
}
type Ledger = ReturnType<typeof ledger>

const home = homeAt('/h')

const programs = ({ did, state, note }: Ledger) => ({
  run: async (command: { argv: readonly string[]; input?: string }) => {
    did.push(`run ${command.argv.join(' ')}`)
    if (command.input !== undefined) state.inputs.push(JSON.parse(command.input))
    return state.finished
  },
  runtimes: {
    node: async (major: number) => `/node/${major}`,
    manager: async (name: string) => `/${name}`,
    toolchain: async () => 'node 24',
  },
  confined: async (app: string, at: { inside: string; name: string }) => {
    did.push(`confine ${at.name} in ${at.inside}`)
    return confinement({ home, app, user: state.account, inside: at.inside, cgroup: null })
  },
  source: () => heldSource(state.files),
  network: {},
  systemPath: '/usr/bin',
  account: async () => state.account,
  endProcesses: note('end processes of'),
  removeAccount: note('remove user of'),
  probe: {
    http: async () => assert.fail(),
    async tcp(port: number) {
      did.push(`ask ${port}`)
      if (state.now < state.redisAfter) throw new Error('connection refused')
    },
  },
  holdPorts: note('hold'),
  listening: async () => [],
  isFree: async () => true,
})

const guards = ({ did }: Ledger) => ({
  channels: async () => ['ops'],
  judged: async () => [],
  warnings: async () => [],
  newPlaces: async () => [],
  dataRemoved: async () => {},
  mark: async ({ point }: { point: string }) => void did.push(`mark ${point}`),
  receive: async (wish: unknown) => void did.push(`receive ${JSON.stringify(wish)}`),
  receiveAsAsked: async () => {
    throw new Error('the receiver is away')
  },
})

const host = ({ did, state, note }: Ledger) => {
  let drawn = 0
  return {
    supervisor: {
      async define(spec: ServiceSpec) {
        state.specs.push(spec)
        did.push(`define ${spec.name}`)
      },
      start: note('start'),
      remove: note('remove service'),
      list: async () => state.services,
      state: async () => null,
    },
    poolers: {
      version: async () => [1, 18] as const,
      reload: async ({ port }: { port: number }) => void did.push(`reload ${port}`),
    },
    clock: {
      now: () => state.now,
      async sleep(ms: number) {
        state.now += ms
      },
    },
    room: async () => state.room,
    random: (length: number) => String(++drawn).padEnd(length, 'x'),
    checkinUrl: (token: string) => `http://keeper/${token}`,
    jobReleases: async () => state.inJobs,
    database: async () => assert.fail('no database is asked'),
  }
}

const trees = ({ did, state, note }: Ledger) => ({
  unpack: async (archive: string, target: string) => {
    did.push(`unpack ${archive} to ${target}`)
    return { files: 3, bytes: 2048 }
  },
  folder: note('folder'),
  own: async (path: string, account: unknown) =>
    void did.push(`own ${path} by ${account === null ? 'root' : 'the app'}`),
  give: async (path: string, account: { uid: number } | null, mode: number) =>
    void did.push(
      `give ${path} ${account === null ? 'root' : account.uid === 0 ? 'group' : 'app'} ${mode.toString(8)}`,
    ),
  temporary: note('temporary'),
  remove: note('remove'),
  write: async (path: string, content: string) => {
    did.push(`write ${path}`)
    state.files[path] = content
  },
  exists: async (path: string) => path in state.files,
  digest: async (archive: string) => `files of ${archive}`,
  seal: note('seal'),
  protect: note('protect'),
  share: async ({ newer, earlier, idle }: Sharing) => {
    if (state.unshared !== null) throw state.unshared
    did.push(`share ${newer} with ${earlier}; idle: ${idle.join(' ') || '-'}`)
    return earlier === null ? 0 : 1024
  },
  sizes: async (paths: readonly string[]) => paths.map(() => 4096),
  compare: async () => ({ lost: null, added: [] }),
  packagesDigest: async (archive: string, folder: string) => `packages of ${archive} in ${folder}`,
  size: async () => 4096,
  logTail: async () => '',
})

const others = ({ did, state, note }: Ledger) => ({
  edge: {
    async configure(change: (open: readonly Site[]) => readonly Site[]) {
      did.push(
        `sites ${change([{ id: 'shop' }, { id: 'bar' }] as Site[])
          .map(site => site.id)
          .join(' ')}`,
      )
      return { reloaded: true }
    },
    forget: note('forget table of'),
    route: note('route'),
  },
  clusters: {
    apps: async () => ['shop'],
    of: (app: string) => ({
      ensure: async () => void did.push(`ensure cluster of ${app}`),
      port: async () => 5433,
      provide: async (access: DatabaseAccess, connections: number) => {
        state.access.push(access)
        did.push(`provide ${access.name} ${connections}`)
      },
      remove: async () => void did.push(`remove cluster of ${app}`),
    }),
  },
})

/** A server on which the steps of a deploy are really done in the store, and written down where they touch the machine. */
export function machine(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const book = ledger()
  const { did, state } = book
  const apps = appStore(store, () => state.now)
  const releases = releaseStore(store, () => state.now)
  const touched = { ...programs(book), ...guards(book), ...host(book), ...others(book), files: trees(book) }
  const perform = deployPerformer({ home, apps, releases, ...touched } as unknown as DeployPorts)
  const said: string[] = []
  const context = {
    actor: 'anna',
    run: 'run-1',
    signal: new AbortController().signal,
    say: (line: string) => void said.push(line),
  } as StepContext
  const doing = (step: DeployStep) => perform(step, context)
  /** What this step did, and what it said. */
  const one = async (step: DeployStep) => {
    did.length = 0
    return { note: await doing(step), did: [...did] }
  }
  return { state, doing, one, apps, releases, did }
}
type Machine = ReturnType<typeof machine>

export const TAKE = {
  kind: 'release.take',
  app: 'shop',
  release: 'r1',
  upload: 'abc',
  digest: digestOf(config),
  only: null,
  reuse: null,
  commit: 'abc first',
  number: 1,
  port: 8001,
} as const

/** The app after its source was taken in. */
export async function taken(
  t: TestContext,
  more: { only?: string[]; release?: string } = {},
): Promise<Machine> {
  const one = machine(t)
  one.state.files['innkeeper.yaml'] = FILE
  await one.apps.keepSecrets('shop', { STRIPE: 'sk' })
  await one.apps.givePort('shop.redis', 6400)
  await one.doing({ ...TAKE, ...more })
  return one
}
