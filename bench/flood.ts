/**
 * What visitors of one site feel while another one is attacked, at the public port of one edge: at rest, beside 2,000
 * connections whose requests come in drops, and beside a flood on one route, with and without a `rateLimit`. Needs `wrk`.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { headersBy } from '../server/src/config/answers.ts'
import { BLOCKED } from '../server/src/config/guard.ts'
import { execOk } from '../server/src/drivers/host/exec.ts'
import { request } from '../server/src/drivers/host/http.ts'
import { edgeCommand, nginxEdge } from '../server/src/drivers/nginx/nginx.ts'
import { median } from './kit.ts'
import { amidst } from './processes.ts'
import { comparison } from './ratio.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 5)
const SECONDS = Number(process.env['SECONDS'] ?? 4)
const SLOW = 2_000
const PORT = 18_480
/** `calm` is measured; `open` and `limited` are attacked. */
const APPS = { calm: 18_491, open: 18_492, limited: 18_493 }
type Site = keyof typeof APPS
const PHASES = ['rest', 'slowloris', 'flood', 'flood with rateLimit'] as const
type Phase = (typeof PHASES)[number]

const guard = {
  ...{ trusted: [], allow: [], deny: [], blocked: BLOCKED, redirects: {}, pages: {} },
  headers: headersBy({}),
}

async function edgeArgv(home: string): Promise<string[]> {
  const edge = nginxEdge({ home, http: { address: '127.0.0.1', port: PORT } })
  await edge.prepare()
  const rate = { requests: 50, per: 'second', burst: 0 } as const
  await edge.configure(() =>
    (Object.keys(APPS) as Site[]).map(id => ({
      ...{ id, port: APPS[id] - 10, domains: [`${id}.example`], maxBodyBytes: 1e6, timeoutMs: 60_000 },
      limits: id === 'limited' ? [rate] : [],
    })),
  )
  for (const [id, port] of Object.entries(APPS)) {
    const peers = [`127.0.0.1:${port}`]
    const web = { kind: 'proxy', colour: 'blue', release: 'r1', peers, fallback: [], hold: false } as const
    const counted = { path: '/', by: { by: 'address' }, retrySeconds: 1 } as const
    const limits = id === 'limited' ? [counted] : []
    await edge.route(id, {
      routes: [{ prefix: '/', service: 'web' }],
      services: { web },
      guard: { ...guard, limits },
    })
    // What the launcher of an instance does once the app listens.
    await writeFile(join(home, 'edge/gates', String(port)), '')
  }
  return edgeCommand(home)
}

const ask = (site: Site) =>
  request({
    ...{ host: '127.0.0.1', port: PORT, path: '/', timeoutMs: 5_000 },
    headers: { host: `${site}.example` },
  }).catch(() => null)

interface Seen {
  ms: number[]
  failed: number
}

/** Asks the calm site as eight visitors do, each 20 ms after its last answer. */
async function visit(): Promise<Seen> {
  const seen: Seen = { ms: [], failed: 0 }
  const end = performance.now() + SECONDS * 1_000
  const visitor = async () => {
    while (performance.now() < end) {
      const began = performance.now()
      if ((await ask('calm'))?.status === 200) seen.ms.push(performance.now() - began)
      else seen.failed++
      await wait(20)
    }
  }
  await Promise.all(Array.from({ length: 8 }, visitor))
  return seen
}

/** Connections whose heads never end, and that are made again when they are ended. Runs as a process of its own. */
function slowloris(): void {
  const open = () => {
    const socket = connect(PORT, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: open.example\r\n'))
    const drops = setInterval(() => socket.write('X-A: a\r\n'), 2_000)
    socket.on('error', () => {}).resume()
    socket.on('close', () => {
      clearInterval(drops)
      setTimeout(open, 100)
    })
  }
  for (let n = 0; n < SLOW; n++) setTimeout(open, n / 2)
}

/** Runs while a phase is measured. Resolves with how to end it. */
async function attack(phase: Phase): Promise<() => Promise<void>> {
  if (phase === 'rest') return async () => {}
  if (phase === 'slowloris') {
    const child = spawn(process.execPath, [import.meta.filename, 'slowloris'], { stdio: 'ignore' })
    await wait(3_000)
    return async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  const host = `Host: ${phase === 'flood' ? 'open' : 'limited'}.example`
  // It shares the machine, and is not to take what the visitors' own process needs.
  const argv = ['nice', 'wrk', '-t1', '-c200', `-d${SECONDS + 1}s`, '-H', host, `http://127.0.0.1:${PORT}/`]
  const done = execOk({ argv, timeoutMs: 60_000 }, 'wrk')
  await wait(500)
  return async () => void (await done)
}

const p99 = (ms: readonly number[]): number =>
  ms.toSorted((a, b) => a - b)[Math.floor(ms.length * 0.99)] ?? Number.NaN

async function measure() {
  const rounds: Record<Phase, Seen[]> = { rest: [], slowloris: [], flood: [], 'flood with rateLimit': [] }
  for (let n = 0; n < ROUNDS; n++) {
    // Who goes first changes, so that none always meets the same machine.
    for (let i = 0; i < PHASES.length; i++) {
      const phase = PHASES[(i + n) % PHASES.length]!
      const end = await attack(phase)
      rounds[phase].push(await visit())
      await end()
    }
  }
  const side = (phase: Phase) => ({
    figures: rounds[phase].map(({ ms }) => p99(ms)),
    failed: rounds[phase].reduce((sum, { failed }) => sum + failed, 0),
  })
  const rest = side('rest')
  return Object.fromEntries(
    PHASES.map(phase => {
      const own = side(phase)
      const ratio = () => median(own.figures.map((ms, n) => ms / rest.figures[n]!))
      return [
        phase,
        {
          p99Ms: Number(median(own.figures).toFixed(1)),
          failed: own.failed,
          againstRest: comparison({ rest, [phase]: own }, ratio),
        },
      ]
    }),
  )
}

async function main(): Promise<void> {
  await amidst('bench-flood-', async (home, start) => {
    for (const port of Object.values(APPS))
      start([process.execPath, import.meta.filename, 'app', String(port)])
    start(await edgeArgv(home))
    for (const site of Object.keys(APPS) as Site[])
      for (let tries = 0; (await ask(site))?.status !== 200; tries++) {
        if (tries > 200) throw new Error(`${site} does not answer`)
        await wait(50)
      }
    const result = await measure()
    const load = loadavg()[0]!.toFixed(1)
    console.log(JSON.stringify({ rounds: ROUNDS, seconds: SECONDS, load, ...result }))
    console.table(result)
  })
}

if (process.argv[2] === 'app')
  createServer((_request, response) => response.end('x'.repeat(200))).listen(
    Number(process.argv[3]),
    '127.0.0.1',
  )
else if (process.argv[2] === 'slowloris') slowloris()
else await main()
