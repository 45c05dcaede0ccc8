import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a check says: nothing when all is well, or how it stands. A `status` other than `ok` and `down`, such as `fallback`, makes the app degraded. */
export type Said = undefined | void | { status?: string; [detail: string]: unknown }

export interface Check {
  /** Resolves when what it asks answers; rejects when it does not. */
  ask(): Said | Promise<unknown>
  /** Whether a request cannot be answered without it; default: true. */
  needed?: boolean
}

export interface HealthOptions {
  /** What answers; in every report. */
  version?: string
  /** What the app depends on, by names of its own. A function is a check that is needed. */
  checks?: Readonly<Record<string, Check | Check['ask']>>
  /** Where it answers; default: `/health`. */
  path?: string
  /** Longest that a report waits for a check, in milliseconds; default: 1500. Later it is down. */
  timeoutMs?: number
}

export interface CheckReport {
  status: string
  /** Milliseconds until it answered, or was not waited for any more. */
  responseTime: number
  [detail: string]: unknown
}

export interface Report {
  /** `degraded`: something is down that requests can do without; `unavailable`: something that they need, or it ends. */
  status: 'ok' | 'degraded' | 'unavailable'
  timestamp: string
  version?: string
  /** Seconds since this process began. */
  uptime: number
  checks: Record<string, CheckReport>
}

export interface Health {
  report(): Promise<Report>
  /** From now on `/health/ready` says no, because this process takes nothing new. */
  end(): void
  /**
   * Answers `/health` (200, and the truth in `status`), `/health/live` (200 as long as the process answers) and
   * `/health/ready` (`ok`, or `unavailable` and 503 when a request cannot be answered). False: it is another path, and
   * nothing was answered.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>
}

const TIMEOUT_MS = 1_500

interface Known {
  name: string
  ask: Check['ask']
  needed: boolean
  /** What is asked now. Whoever asks meanwhile waits for the same, so that many who ask cost no more than one. */
  pending: Promise<CheckReport> | null
}

/** Says how an app and what it depends on are. */
export function createHealth({
  version,
  checks = {},
  path: base = '/health',
  timeoutMs = TIMEOUT_MS,
}: HealthOptions = {}): Health {
  const known = Object.entries(checks).map(([name, check]): Known => {
    const { ask, needed = true } = typeof check === 'function' ? { ask: check } : check
    return { name, ask, needed, pending: null }
  })
  let ending = false

  async function report(): Promise<Report> {
    const reports = await Promise.all(known.map(one => inTime(one, timeoutMs)))
    const down = known.filter((_, n) => reports[n]!.status === 'down')
    const unavailable = ending || down.some(({ needed }) => needed)
    return {
      status: unavailable
        ? 'unavailable'
        : reports.every(({ status }) => status === 'ok')
          ? 'ok'
          : 'degraded',
      timestamp: new Date().toISOString(),
      ...(version === undefined ? {} : { version }),
      uptime: Math.round(process.uptime()),
      checks: Object.fromEntries(known.map(({ name }, n) => [name, reports[n]!])),
    }
  }

  return {
    report,
    end: () => {
      ending = true
    },
    async handle(request, response) {
      const path = pathOf(request)
      if (path === `${base}/live`) return answer(response, 200, { status: 'ok' })
      if (path !== base && path !== `${base}/ready`) return false
      const found = await report()
      if (path === base) return answer(response, 200, found)
      // What is degraded takes requests all the same.
      const ready = found.status !== 'unavailable'
      return answer(response, ready ? 200 : 503, { ...found, status: ready ? 'ok' : 'unavailable' })
    },
  }
}

/** Without the query. Below a mounted path frameworks keep the whole one as `originalUrl`. */
function pathOf(request: IncomingMessage & { originalUrl?: string }): string {
  const [path = ''] = (request.originalUrl ?? request.url ?? '').split('?')
  return path.length > 1 ? path.replace(/\/$/, '') : path
}

function answer(response: ServerResponse, status: number, body: object): true {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
  return true
}

/** A late answer is none: whoever asks about health does not wait. */
function inTime(check: Known, timeoutMs: number): Promise<CheckReport> {
  const started = performance.now()
  // One that hangs is not asked again before it has ended: that would only make more of what hangs.
  check.pending ??= asked(check.ask, started).finally(() => {
    check.pending = null
  })
  let timer: NodeJS.Timeout
  const late = new Promise<CheckReport>(resolve => {
    timer = setTimeout(() => resolve({ status: 'down', responseTime: since(started) }), timeoutMs)
    timer.unref()
  })
  return Promise.race([check.pending, late]).finally(() => clearTimeout(timer))
}

async function asked(ask: Check['ask'], started: number): Promise<CheckReport> {
  try {
    const said = (await ask()) as Said | unknown
    const details = isDetails(said) ? said : {}
    return { status: 'ok', responseTime: since(started), ...details }
  } catch {
    return { status: 'down', responseTime: since(started) }
  }
}

/** What a driver of a database answers is no detail: only an object of the app's own is, which says its status. */
const isDetails = (said: unknown): said is Record<string, unknown> =>
  typeof said === 'object' &&
  said !== null &&
  Object.getPrototypeOf(said) === Object.prototype &&
  'status' in said

const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10
