import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Seen {
  requests: number
  failed: number
  /** The first few failures, as text for the report. */
  failures: string[]
  versions: Set<string>
}

export interface Visitors {
  seen: Seen
  /** Resolves when the last request has been answered. */
  leave(): Promise<Seen>
}

interface Answer {
  status: number
  body: string
}

/** Sends one request, on a new connection unless an agent is given. */
export function ask(url: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: 20_000 }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error('no answer within 20 s')))
    request.on('error', reject)
  })
}

/** Visitors of a test that failed before it sent them away would keep its process alive for ever. */
const LONGEST_MS = 10 * 60_000

/** A gap that is as long as a switch of colours would be seen. */
const PAUSE_MS = 10
/** For those who are there all along, and wait for what is never to happen: each request costs a millisecond of a processor. */
export const CALM_MS = 50

/** Sends requests all the time, on keep-alive and new connections, until `leave`, for ten minutes at most. `page`: any 200 is good; else the body must be a version. */
export function visit(url: string, { page = false, pauseMs = PAUSE_MS } = {}): Visitors {
  const seen: Seen = { requests: 0, failed: 0, failures: [], versions: new Set() }
  const kept = new Agent({ keepAlive: true, maxSockets: 2 })
  const one = (agent?: Agent) => () =>
    ask(url, agent).then(
      ({ status, body }) => {
        if (status !== 200) return `${status} ${body.slice(0, 200)}`
        if (!page) seen.versions.add((JSON.parse(body) as { version: string }).version)
        return null
      },
      (error: Error) => error.message,
    )
  const asks = [one(kept), one(kept), one()]
  return coming({ seen, asks, pauseMs, longestMs: LONGEST_MS, gone: () => kept.destroy() })
}

interface Coming {
  seen: Seen
  /** Each asks once, and resolves with what was wrong; null: nothing was. They go on beside each other. */
  asks: ReadonlyArray<() => Promise<string | null>>
  /** Of each, between an answer and the next request. */
  pauseMs: number
  longestMs: number
  /** Called when the last request has been answered. */
  gone(): void
}

/** Visitors who ask all the time, until `leave`. */
export function coming({ seen, asks, pauseMs, longestMs, gone }: Coming): Visitors {
  let here = true
  const end = Date.now() + longestMs
  const repeat = async (work: () => Promise<string | null>): Promise<void> => {
    while (here && Date.now() < end) {
      const problem = await work()
      seen.requests++
      if (problem !== null) {
        seen.failed++
        if (seen.failures.length < 5) seen.failures.push(`${new Date().toISOString()} ${problem}`)
      }
      await sleep(pauseMs)
    }
  }
  const all = Promise.all(asks.map(repeat))
  return {
    seen,
    async leave() {
      here = false
      await all
      gone()
      return seen
    },
  }
}
