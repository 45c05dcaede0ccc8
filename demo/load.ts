import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'

/**
 * Visitors, as a process of their own: keep-alive clients, clients with a new connection each time, check-ins by
 * POST, WebSockets and event streams. Nobody retries. Commands come as lines on standard input, the result goes to
 * standard output as one JSON document.
 */
export interface LoadOptions {
  host: string
  port: number
  /** Path of the check-ins, and the header's token for counting them. */
  checkIn: string
  keepAlive: number
  fresh: number
  posts: number
  sockets: number
  streams: number
  /** How long a socket may count on staying open after traffic was switched away from it. */
  drainMs: number
  /** Between two requests of one client. */
  pauseMs: number
  /** The load ends by itself, whatever happens to who started it. */
  longestMs: number
  prefix: string
}

export interface PhaseResult {
  name: string
  requests: number
  failed: number
  p50: number
  p99: number
  socketsCut: number
  firstFailures: string[]
}

export interface LoadResult {
  phases: PhaseResult[]
  /** Check-ins that were answered with success. */
  accepted: number
}

interface Phase {
  name: string
  times: number[]
  failed: number
  socketsCut: number
  failures: string[]
}

const options = JSON.parse(process.argv[2]!) as LoadOptions
const phases: Phase[] = []
/** Times at which traffic was switched to the other side. */
const switches: number[] = []
let accepted = 0
let running = true
let sent = 0

const begin = (name: string): void =>
  void phases.push({ name, times: [], failed: 0, socketsCut: 0, failures: [] })
const now = (): Phase => phases.at(-1)!

function failed(phase: Phase, what: string): void {
  phase.failed++
  if (phase.failures.length < 5) phase.failures.push(what)
}

const keepAlive = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })
const fresh = new Agent({ keepAlive: false })

/** One request; anything but a 2xx counts as failed, in the phase in which it was sent. */
function ask(agent: Agent, path: string, body?: string): Promise<boolean> {
  const phase = now()
  const started = performance.now()
  const method = body === undefined ? 'GET' : 'POST'
  const headers =
    body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
  return new Promise(resolve => {
    const done = (problem: string | null) => {
      phase.times.push(performance.now() - started)
      if (problem !== null) failed(phase, `${method} ${path}: ${problem}`)
      resolve(problem === null)
    }
    const asked = request(
      { host: options.host, port: options.port, agent, path, method, headers, timeout: 20_000 },
      answer => {
        answer.resume()
        answer.on('end', () => done(answer.statusCode! < 300 ? null : String(answer.statusCode)))
        answer.on('error', error => done(error.message))
      },
    )
    asked.on('timeout', () => asked.destroy(new Error('no answer in 20 s')))
    asked.on('error', error => done(error.message))
    asked.end(body)
  })
}

const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, options.pauseMs))
const PATHS = ['/', '/api/occupancy', '/api/version', '/api/occupancy']

async function reader(agent: Agent): Promise<void> {
  for (let i = 0; running; i++) {
    await ask(agent, PATHS[i % PATHS.length]!)
    await pause()
  }
}

async function guest(n: number): Promise<void> {
  while (running) {
    const ref = `${options.prefix}${n}-${++sent}`
    if (
      await ask(
        n % 2 === 0 ? keepAlive : fresh,
        options.checkIn,
        JSON.stringify({ name: `Guest ${n}`, phone: '+60 12 345 678', ref }),
      )
    )
      accepted++
    await pause()
  }
}

/** Whether a connection that ended had been promised to stay: it counts on `drainMs` after the first switch since it opened. */
function ended(openedAt: number): void {
  if (!running) return
  const away = switches.find(at => at > openedAt)
  if (away === undefined || Date.now() < away + options.drainMs) now().socketsCut++
}

async function socket(): Promise<void> {
  while (running) {
    const openedAt = Date.now()
    await new Promise<void>(resolve => {
      const ws = new WebSocket(`ws://${options.host}:${options.port}/ws`)
      let open = false
      ws.onopen = () => {
        open = true
      }
      ws.onclose = () => {
        if (open) ended(openedAt)
        else if (running) failed(now(), 'WebSocket /ws was refused')
        resolve()
      }
    })
    await pause()
  }
}

async function stream(): Promise<void> {
  while (running) {
    const openedAt = Date.now()
    const agent = new Agent()
    await new Promise<void>(resolve => {
      const asked = request(
        {
          host: options.host,
          port: options.port,
          agent,
          path: '/api/stream',
          headers: { accept: 'text/event-stream' },
        },
        answer => {
          answer.resume()
          answer.on('close', () => {
            if (answer.statusCode === 200) ended(openedAt)
            else failed(now(), `GET /api/stream: ${answer.statusCode}`)
            resolve()
          })
          answer.on('error', () => {})
        },
      )
      asked.on('error', error => {
        if (running && !asked.reusedSocket && openedAt > Date.now() - 50)
          failed(now(), `GET /api/stream: ${error.message}`)
        resolve()
      })
      asked.end()
    })
    await pause()
  }
}

const quantile = (sorted: number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0

function report(): void {
  running = false
  const results = phases.map(phase => {
    const sorted = phase.times.toSorted((a, b) => a - b)
    return {
      name: phase.name,
      requests: sorted.length,
      failed: phase.failed,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      socketsCut: phase.socketsCut,
      firstFailures: phase.failures,
    }
  })
  // What is under way is waited for: its answer decides whether the check-in counts.
  setTimeout(() => {
    process.stdout.write(JSON.stringify({ phases: results, accepted } satisfies LoadResult), () =>
      process.exit(0),
    )
  }, 1_500)
}

begin('start')
for (let i = 0; i < options.keepAlive; i++) void reader(keepAlive)
for (let i = 0; i < options.fresh; i++) void reader(fresh)
for (let i = 0; i < options.posts; i++) void guest(i)
for (let i = 0; i < options.sockets; i++) void socket()
for (let i = 0; i < options.streams; i++) void stream()
setTimeout(report, options.longestMs).unref()
createInterface({ input: process.stdin })
  .on('line', line => {
    const [word, ...rest] = line.split(' ')
    if (word === 'phase') begin(rest.join(' '))
    if (word === 'switch') switches.push(Number(rest[0]))
    if (word === 'end') report()
  })
  .on('close', () => process.exit(1))
