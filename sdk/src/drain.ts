import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

export interface DrainOptions {
  server?: Server
  /** Told at once, so that nothing new is sent here. */
  health?: { end(): void }
  /** Longest until the process ends, in milliseconds; default: 8000, below the `stopGrace` of 10s that Innkeeper gives. */
  graceMs?: number
  /** Signals that begin it; default: SIGTERM and SIGINT. */
  signals?: readonly NodeJS.Signals[]
  /** Ends the process; default: process.exit. */
  exit?(code: number): void
}

export interface Drain {
  /** Aborts when it begins: what takes work from a queue takes no more. */
  signal: AbortSignal
  /** Called when it begins, all at once, and waited for: `() => io.close()`, `() => worker.close()`. */
  before(work: () => unknown): void
  /** Called in turn when all of `before`, every request and every `during` has ended: `() => pool.end()`. */
  after(work: () => unknown): void
  /** Work that is in hand: it is waited for. */
  during<T>(work: Promise<T>): Promise<T>
  /** A stream of events. It is ended when it begins, and the client comes back to the new side. */
  stream(response: ServerResponse): void
  /** Begins it. Resolves when the process may end; the exit follows. */
  begin(): Promise<void>
}

const GRACE_MS = 8_000
/** Clients of a stream that ends come back after this, spread by chance, so that not all come at once. */
const RETRY_MS = { least: 200, most: 1_500 }

/**
 * Ends a process without losing what it has in hand: nothing new is taken, what is under way ends, connections that wait
 * are closed, streams are ended, and then what all of it needed.
 */
export function createDrain({
  server,
  health,
  graceMs = GRACE_MS,
  signals = ['SIGTERM', 'SIGINT'],
  exit = code => process.exit(code),
}: DrainOptions = {}): Drain {
  const stopping = new AbortController()
  const before: Array<() => unknown> = []
  const after: Array<() => unknown> = []
  const inHand = new Set<Promise<unknown>>()
  const streams = new Set<ServerResponse>()
  const connections = server === undefined ? null : closing(server)
  let begun: Promise<void> | null = null

  async function drain(): Promise<void> {
    health?.end()
    stopping.abort(new Error('this process ends'))
    for (const response of streams) endStream(response)
    const work = [...before.map(quietly), connections?.close() ?? Promise.resolve(), ended(inHand)]
    const timer = setTimeout(() => {
      console.error(`after ${graceMs} ms something is still in hand; the process ends without it`)
      exit(1)
    }, graceMs)
    await Promise.all(work)
    for (const one of after) await quietly(one)
    clearTimeout(timer)
    exit(0)
  }

  const drained: Drain = {
    signal: stopping.signal,
    before: work => void before.push(work),
    after: work => void after.push(work),
    during(work) {
      const settled = work.then(
        () => void inHand.delete(settled),
        () => void inHand.delete(settled),
      )
      inHand.add(settled)
      return work
    },
    stream(response) {
      if (stopping.signal.aborted) return endStream(response)
      streams.add(response)
      response.once('close', () => streams.delete(response))
    },
    begin: () => (begun ??= drain()),
  }
  for (const signal of signals) process.once(signal, () => void drained.begin())
  return drained
}

/** What comes while others end, too. */
async function ended(inHand: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (inHand.size > 0) await Promise.all(inHand)
}

/** What fails at the end must not keep the rest from ending. */
async function quietly(work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    console.error('while the process ended:', error)
  }
}

function endStream(response: ServerResponse): void {
  const wait = RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least)
  response.end(response.headersSent ? `retry: ${Math.round(wait)}\n\n` : undefined)
}

/** Closes a server: connections that wait for their next request are ended as soon as they do. */
function closing(server: Server) {
  let ends = false
  const open = new Set<ServerResponse>()
  /** So that whoever keeps connections, as nginx does, sends the next request elsewhere. */
  const last = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader('connection', 'close')
  }
  server.on('request', (_: IncomingMessage, response: ServerResponse) => {
    if (ends) last(response)
    open.add(response)
    response.once('close', () => {
      open.delete(response)
      // It counts as idle only after this.
      if (ends) setImmediate(() => server.closeIdleConnections())
    })
  })
  const upgraded = new Set<Socket>()
  server.on('upgrade', (_: IncomingMessage, socket: Socket) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
  })
  return {
    close: () =>
      new Promise<void>(resolve => {
        ends = true
        for (const response of open) last(response)
        server.close(() => resolve())
        server.closeIdleConnections()
        // Whoever keeps them has closed them in `before`; what is left is of nobody.
        setImmediate(() => {
          for (const socket of upgraded) socket.end()
        })
      }),
  }
}
