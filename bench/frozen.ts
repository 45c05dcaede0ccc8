import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePartPort } from '../server/src/drivers/host/ports.ts'
import { APP, makeBench, median, sleep } from './kit.ts'

/**
 * node bench/frozen.ts [rounds]: one of three instances is frozen (SIGSTOP) under 64 clients, 8 of which POST: how long it
 * is asked, what is lost before and after that; and the same behind HAProxy, with `observe layer7` and a health check.
 */
const ROUNDS = Number(process.argv[2] ?? 3)
const CLIENTS = 64
const POSTING = 8
/** An answer that takes longer was waited for at the frozen instance. */
const SLOW_MS = 1_000
const LONGEST_MS = 70_000

const YAML = `name: bench
services:
  api: { start: node server.cjs, instances: 3, persist: [data], stopGrace: 2s, health: { path: /health } }
watch: 0
`

interface Shot {
  begun: number
  ended: number
  ok: boolean
}

function shoot(port: number, agent: Agent, post: boolean): Promise<Shot> {
  const begun = performance.now()
  return new Promise(resolve => {
    const end = (ok: boolean) => resolve({ begun, ended: performance.now(), ok })
    const sent = request(
      { host: '127.0.0.1', port, path: '/', method: post ? 'POST' : 'GET', agent, timeout: LONGEST_MS },
      answer => {
        answer.resume()
        answer.on('end', () => end(answer.statusCode! < 300))
        answer.on('error', () => end(false))
      },
    )
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => end(false))
    sent.end(post ? '{"ref":"x"}' : undefined)
  })
}

/** Clients that send the next request 25 ms after each answer, until `leave`. */
function clients(port: number) {
  const agent = new Agent({ keepAlive: true })
  const shots: Shot[] = []
  let here = true
  const all = Promise.all(
    Array.from({ length: CLIENTS }, async (_, n) => {
      while (here) {
        shots.push(await shoot(port, agent, n < POSTING))
        await sleep(25)
      }
    }),
  )
  return async (): Promise<Shot[]> => {
    here = false
    await all
    agent.destroy()
    return shots
  }
}

interface Front {
  port: number
  /** The process of one instance. */
  pid(): Promise<number>
  /** Whether the frozen instance is out of rotation. */
  isOut(): Promise<boolean>
  /** Whether all three are asked again; null: nobody replaces it. */
  isWhole: (() => Promise<boolean>) | null
}

async function until(test: () => Promise<boolean>, longest = 120_000): Promise<number> {
  const begun = performance.now()
  while (!(await test())) {
    if (performance.now() - begun > longest) throw new Error('waited in vain')
    await sleep(20)
  }
  return performance.now()
}

async function round(front: Front) {
  const leave = clients(front.port)
  await sleep(3_000)
  const pid = await front.pid()
  const frozen = performance.now()
  process.kill(pid, 'SIGSTOP')
  const out = await until(front.isOut)
  const whole = front.isWhole === null ? null : await until(front.isWhole)
  await sleep(5_000)
  const shots = await leave()
  if (front.isWhole === null) process.kill(pid, 'SIGCONT')
  const bad = (shot: Shot) => !shot.ok || shot.ended - shot.begun > SLOW_MS
  const before = shots.filter(s => s.ended >= frozen && s.begun <= out && bad(s))
  return {
    requests: shots.length,
    outAfterMs: Math.round(out - frozen),
    inItsHands: before.length,
    lostOfThese: before.filter(s => !s.ok).length,
    longestWaitMs: Math.round(Math.max(0, ...before.map(s => s.ended - s.begun))),
    lostOrSlowAfter: shots.filter(s => s.begun > out && bad(s)).length,
    replacedAfterMs: whole === null ? null : Math.round(whole - frozen),
  }
}

async function innkeeper() {
  const bench = await makeBench()
  await writeFile(join(bench.home, 'source/innkeeper.yaml'), YAML)
  await bench.inn(['deploy', '--watch', '0'])
  const app = async () => (await bench.status()).apps[0]!
  const instances = async () => (await app()).services[0]!.instances
  const front: Front = {
    port: Number(new URL((await app()).url!).port),
    pid: async () => (await instances())[1]!.pid!,
    isOut: async () => (await instances()).some(i => i.leftOut),
    isWhole: async () => {
      const all = await instances()
      return (
        (await app()).running === null &&
        all.length === 3 &&
        all.every(i => i.state === 'ready' && !i.leftOut)
      )
    },
  }
  try {
    return await rounds(front)
  } finally {
    await bench.remove()
  }
}

const haproxyConf = (at: string, port: number, servers: readonly number[]): string => `
global
  stats socket ${at}/stats level admin
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  retries 3
  option redispatch
listen app
  bind 127.0.0.1:${port}
  balance roundrobin
  option httpchk GET /health
  timeout check 1500ms
  default-server check inter 1s fall 3 rise 1 observe layer7 error-limit 10 on-error mark-down on-marked-down shutdown-sessions
${servers.map((server, n) => `  server s${n} 127.0.0.1:${server}`).join('\n')}
`

function askStats(socket: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const to = connect(socket, () => to.write('show stat\n'))
    to.on('data', chunk => {
      text += chunk.toString()
    })
    to.on('close', () => resolve(text))
    to.on('error', reject)
  })
}

async function haproxy() {
  const at = await mkdtemp(join(tmpdir(), 'inn-haproxy-'))
  const ports: number[] = []
  const children: ChildProcess[] = []
  for (let n = 0; n < 3; n++) {
    const port = await freePartPort()
    const env = { PORT: String(port), DATA: join(at, `data${n}`) }
    children.push(spawn(process.execPath, [join(APP, 'server.cjs')], { env, stdio: 'ignore' }))
    ports.push(port)
    await sleep(500)
  }
  const port = await freePartPort()
  await writeFile(join(at, 'haproxy.cfg'), haproxyConf(at, port, ports))
  children.push(spawn('haproxy', ['-db', '-f', join(at, 'haproxy.cfg')], { stdio: 'ignore' }))
  await sleep(2_000)
  const down = async () => /^app,s\d,.*,DOWN/m.test(await askStats(join(at, 'stats')))
  const front: Front = { port, pid: async () => children[1]!.pid!, isOut: down, isWhole: null }
  try {
    return await rounds(front)
  } finally {
    for (const child of children.toReversed()) child.kill('SIGKILL')
    await rm(at, { recursive: true, force: true })
  }
}

async function rounds(front: Front) {
  const all: Array<Awaited<ReturnType<typeof round>>> = []
  for (let n = 0; n < ROUNDS; n++) {
    all.push(await round(front))
    // Time for what was frozen to be well again.
    await sleep(5_000)
  }
  const outs = all.map(one => one.outAfterMs)
  return { outAfterMs: { median: median(outs), worst: Math.max(...outs) }, rounds: all }
}

console.log(JSON.stringify({ innkeeper: await innkeeper(), haproxy: await haproxy() }, null, 2))
