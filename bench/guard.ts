/** What rules about visitors cost at the public port: none, those of an app that says nothing, and some of each kind. Needs `wrk`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { rangesOf } from '../server/src/config/addresses.ts'
import { headersBy } from '../server/src/config/answers.ts'
import { BLOCKED } from '../server/src/config/guard.ts'
import { removeTree } from '../server/src/drivers/host/files.ts'
import { request } from '../server/src/drivers/host/http.ts'
import { edgeCommand, nginxEdge } from '../server/src/drivers/nginx/nginx.ts'
import { opening, type Site } from '../server/src/reach/edge/edge.ts'
import type { Guard } from '../server/src/reach/edge/guard.ts'
import { median } from './kit.ts'
import { type Round, round } from './wrk.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 15)
const SECONDS = Number(process.env['SECONDS'] ?? 2)
const APP = 18_291

const more = { headers: headersBy({}), redirects: {}, pages: {} }
const SAYS_NOTHING: Guard = { trusted: [], allow: [], deny: [], blocked: BLOCKED, limits: [], ...more }
const EACH: Guard = {
  trusted: rangesOf(['cloudflare']),
  allow: ['127.0.0.0/8', '10.0.0.0/8'],
  deny: ['127.0.0.2', '2001:db8::/32'],
  blocked: [...BLOCKED, '/api/seed', '/admin/queues'],
  limits: [
    { path: '/', by: { by: 'address' }, retrySeconds: 1 },
    { path: '/login', by: { by: 'address' }, retrySeconds: 1 },
  ],
  ...more,
  cors: { origins: ['https://a.example'], expose: [], credentials: true, maxAgeSeconds: 60 },
}
/** More than any machine asks in a second. */
const LIMIT = { requests: 900_000, per: 'second', burst: 0 } as const

const EDGES = {
  none: { port: 18_280, guard: undefined, limits: [] },
  default: { port: 18_282, guard: SAYS_NOTHING, limits: [] },
  each: { port: 18_284, guard: EACH, limits: [LIMIT, LIMIT] },
} as const
type Name = keyof typeof EDGES
const NAMES = Object.keys(EDGES) as Name[]

async function edgeArgv(home: string, { port, guard, limits }: (typeof EDGES)[Name]): Promise<string[]> {
  await chmod(home, 0o711)
  const edge = nginxEdge({ home, http: { address: '127.0.0.1', port } })
  await edge.prepare()
  const bounds = { maxBodyBytes: 1e6, timeoutMs: 60_000, limits }
  const site: Site = { id: 'bench', port: port + 1, domains: ['127.0.0.1'], ...bounds }
  await edge.configure(opening(site))
  const peers = [`127.0.0.1:${APP}`]
  const web = { kind: 'proxy', colour: 'blue', release: 'r1', peers, fallback: [], hold: false } as const
  const rules = guard === undefined ? {} : { guard }
  await edge.route('bench', { routes: [{ prefix: '/', service: 'web' }], services: { web }, ...rules })
  // What the launcher of an instance does once the app listens.
  await writeFile(join(home, 'edge/gates', String(APP)), '')
  return edgeCommand(home)
}

async function answers(port: number): Promise<void> {
  const ask = () => request({ host: '127.0.0.1', port, path: '/', timeoutMs: 1000 }).catch(() => null)
  while ((await ask())?.status !== 200) await wait(50)
}

async function measure(nginx: Record<Name, ChildProcess>) {
  const rounds: Record<Name, Round[]> = { none: [], default: [], each: [] }
  for (let n = 0; n < ROUNDS; n++) {
    // Who goes first changes, so that none always meets the same machine.
    for (let i = 0; i < NAMES.length; i++) {
      const name = NAMES[(i + n) % NAMES.length]!
      rounds[name].push(await round(EDGES[name].port, nginx[name], SECONDS))
    }
  }
  const summary = (name: Name) => ({
    perSecond: Math.round(median(rounds[name].map(one => one.perSecond))),
    cpuMicros: Number(median(rounds[name].map(one => one.cpu)).toFixed(1)),
    failed: rounds[name].reduce((sum, one) => sum + one.failed, 0),
    againstNone: Number(
      median(rounds[name].map((one, n) => one.perSecond / rounds.none[n]!.perSecond)).toFixed(3),
    ),
  })
  return { none: summary('none'), default: summary('default'), each: summary('each') }
}

async function main(): Promise<void> {
  const homes: string[] = []
  const children: ChildProcess[] = []
  const start = ([program, ...args]: string[]): ChildProcess => {
    const child = spawn(program!, args, { stdio: 'ignore' })
    children.push(child)
    return child
  }
  const edge = async (name: Name) => {
    const home = await mkdtemp(join(tmpdir(), 'bench-guard-'))
    homes.push(home)
    return start(await edgeArgv(home, EDGES[name]))
  }
  try {
    start([process.execPath, import.meta.filename, 'app', String(APP)])
    await answers(APP)
    const nginx = { none: await edge('none'), default: await edge('default'), each: await edge('each') }
    for (const name of NAMES) await answers(EDGES[name].port)
    const result = await measure(nginx)
    console.log(JSON.stringify({ rounds: ROUNDS, seconds: SECONDS, ...result }))
    console.table(result)
  } finally {
    for (const child of children.reverse()) {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    }
    for (const home of homes) await removeTree(home)
  }
}

if (process.argv[2] === 'app')
  createServer((_request, response) => response.end('x'.repeat(200))).listen(APP, '127.0.0.1')
else await main()
