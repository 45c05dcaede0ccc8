/**
 * node bench/metrics.ts: what measuring costs. The memory of all its parts with five apps at rest, proportional; then the
 * edge with and without its counting, alternating rounds (needs `wrk`). ROUNDS and SECONDS are of each round.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeTree } from '../server/src/drivers/host/files.ts'
import { request } from '../server/src/drivers/host/http.ts'
import { edgeCommand, nginxEdge } from '../server/src/drivers/nginx/nginx.ts'
import { opening } from '../server/src/reach/edge/edge.ts'
import { makeBench, median, proportionalMb, sleep } from './kit.ts'
import { type Round, round } from './wrk.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 15)
const SECONDS = Number(process.env['SECONDS'] ?? 2)
const SETTLED_MS = Number(process.env['SETTLED'] ?? 120) * 1000
const APPS = 5
const PARTS = ['keeper', 'prometheus', 'node-exporter', 'postgres-exporter', 'redis-exporter'] as const

async function memory() {
  const bench = await makeBench({ INNKEEPER_METRICS: undefined })
  try {
    const file = join(bench.home, 'source/innkeeper.yaml')
    const own = (await readFile(file, 'utf8')).replace('instances: 2', 'instances: 1')
    const text = `${own.replace('watch: 1s', 'watch: 0')}\ndatabase: { postgres: true }\nredis: true\n`
    for (let n = 1; n <= APPS; n++) {
      await writeFile(file, text.replace('name: bench', `name: bench${n}`))
      await bench.inn(['deploy'])
    }
    await sleep(SETTLED_MS)
    const found: Record<string, number> = {}
    for (const name of PARTS) {
      const pid = Number(
        await readFile(join(bench.home, `sv/${name}/supervise/pid`), 'utf8').catch(() => '0'),
      )
      found[name] = Math.round(await proportionalMb(pid))
    }
    const total = Object.values(found).reduce((sum, mb) => sum + mb, 0)
    return { apps: APPS, mb: found, totalMb: total, series: await series(bench.home) }
  } finally {
    await bench.remove()
  }
}

async function series(home: string): Promise<number> {
  const { metrics } = JSON.parse(await readFile(join(home, 'settings.json'), 'utf8')) as {
    metrics: { prometheus: number }
  }
  const path = '/api/v1/query?query=prometheus_tsdb_head_series'
  const { body } = await request({ host: '127.0.0.1', port: metrics.prometheus, path, timeoutMs: 5_000 })
  return Number(/"value":\[[^,]+,"(\d+)"/.exec(body)?.[1] ?? 0)
}

const PORTS = { counting: 18_084, silent: 18_085 }
type Name = keyof typeof PORTS
const NAMES = Object.keys(PORTS) as Name[]
const APP = 18_093

function serve(port: number): void {
  const body = 'x'.repeat(200)
  createServer((_request, response) => response.end(body)).listen(port, '127.0.0.1')
}

async function edgeAt(name: Name): Promise<{ argv: string[]; home: string }> {
  const home = await mkdtemp(join(tmpdir(), `bench-${name}-`))
  await chmod(home, 0o711)
  const edge = nginxEdge({ home })
  await edge.prepare()
  await edge.configure(
    opening({ id: 'bench', port: PORTS[name], domains: [], maxBodyBytes: 1e6, timeoutMs: 60_000 }),
  )
  await edge.route('bench', {
    routes: [{ prefix: '/', service: 'web' }],
    services: {
      web: {
        kind: 'proxy',
        colour: 'blue',
        release: 'r1',
        peers: [`127.0.0.1:${APP}`],
        fallback: [],
        hold: false,
      },
    },
  })
  await writeFile(join(home, `edge/gates/${APP}`), '')
  const [lua] = await readdir(join(home, 'edge/lua'))
  if (name === 'silent')
    await writeFile(
      join(home, 'edge/lua', lua!, 'metrics.lua'),
      'local function nothing() end\nreturn setmetatable({}, { __index = function() return nothing end })\n',
    )
  return { argv: edgeCommand(home), home }
}

async function answers(port: number): Promise<void> {
  const ask = () => request({ host: '127.0.0.1', port, path: '/', timeoutMs: 1000 }).catch(() => null)
  for (let tries = 0; tries < 400; tries++) {
    if ((await ask())?.status === 200) return
    await sleep(50)
  }
  throw new Error(`nobody answers on ${port}`)
}

async function throughput() {
  const children: ChildProcess[] = []
  const start = ([program, ...args]: string[]): ChildProcess => {
    const child = spawn(program!, args, { stdio: 'ignore' })
    children.push(child)
    return child
  }
  const edges = { counting: await edgeAt('counting'), silent: await edgeAt('silent') }
  try {
    start([process.execPath, import.meta.filename, 'app', String(APP)])
    await answers(APP)
    const nginx = { counting: start(edges.counting.argv), silent: start(edges.silent.argv) }
    for (const name of NAMES) await answers(PORTS[name])
    const rounds: Record<Name, Round[]> = { counting: [], silent: [] }
    for (let n = 0; n < ROUNDS; n++)
      // Who goes first changes, so that none always meets the same machine.
      for (const name of n % 2 === 0 ? NAMES : NAMES.toReversed())
        rounds[name].push(await round(PORTS[name], nginx[name], SECONDS))
    const of = (name: Name, what: keyof Round) => median(rounds[name].map(one => one[what]))
    const ratios = rounds.counting.map((one, n) => one.perSecond / rounds.silent[n]!.perSecond)
    return {
      rounds: ROUNDS,
      seconds: SECONDS,
      perSecond: {
        counting: Math.round(of('counting', 'perSecond')),
        silent: Math.round(of('silent', 'perSecond')),
      },
      cpuMicros: { counting: of('counting', 'cpu').toFixed(2), silent: of('silent', 'cpu').toFixed(2) },
      failed: [...rounds.counting, ...rounds.silent].reduce((sum, one) => sum + one.failed, 0),
      ratio: Number(median(ratios).toFixed(4)),
    }
  } finally {
    for (const child of children.reverse()) {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    }
    for (const { home } of Object.values(edges)) await removeTree(home)
  }
}

if (process.argv[2] === 'app') serve(Number(process.argv[3]))
else if (process.argv[2] === 'edge') console.log(JSON.stringify(await throughput()))
else {
  console.log(JSON.stringify(await memory()))
  console.log(JSON.stringify(await throughput()))
}
