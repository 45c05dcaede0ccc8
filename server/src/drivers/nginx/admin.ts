import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../kernel/failure.ts'
import { FAILURES, type FailureKind, type Traffic } from '../../reach/edge/edge.ts'
import { type HttpAnswer, request } from '../host/http.ts'

/** The admin socket of the running nginx. */
export interface Admin {
  /** null: no nginx listens. Failure `edge.silent` when one does and does not answer well. */
  send(method: string, path: string, body?: string): Promise<HttpAnswer | null>
  /** Digest of the running configuration; null: no nginx answers. */
  digest(): Promise<string | null>
}

const MOST_BYTES = 16 * 1024 * 1024
/** What it needs for its largest table, on a busy machine. */
const CHANGE_MS = 5_000
/** An nginx that works says so within milliseconds. A frozen one must not hold every status back. */
const ALIVE_MS = 2_000

export function adminAt(socketPath: string): Admin {
  const ask = async (wanted: {
    method: string
    path: string
    body?: string | undefined
    timeoutMs: number
  }) => {
    const send = () => request({ socketPath, maxBytes: MOST_BYTES, ...wanted })
    const answer = await send().catch(hungUp(send)).catch(noneListens)
    if (answer === null || answer.status === 200) return answer
    throw silent(`${wanted.method} ${wanted.path} answered ${answer.status} ${answer.body}`)
  }
  return {
    send: (method, path, body) => ask({ method, path, body, timeoutMs: CHANGE_MS }),
    async digest() {
      // An nginx that cannot say which configuration it runs counts as not answering. The caller asks again or gives up.
      const answer = await ask({ method: 'GET', path: '/alive', timeoutMs: ALIVE_MS }).catch(() => null)
      return answer === null ? null : (JSON.parse(answer.body) as { digest: string }).digest
    },
  }
}

/** How long an nginx takes to end after it hung up. */
const ENDS_MS = 100

/** An nginx that ends hangs up. After that another one listens, or nobody: each of these requests may come twice. */
const hungUp =
  (again: () => Promise<HttpAnswer>) =>
  async (error: NodeJS.ErrnoException): Promise<HttpAnswer> => {
    if (error.code !== 'ECONNRESET') throw error
    await sleep(ENDS_MS)
    return again()
  }

function noneListens(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return null
  throw silent(error.message, error)
}

export const silent = (why: string, cause?: unknown): Failure =>
  new Failure('edge.silent', 'the edge did not take the request', { why, fix: '`inn logs edge`', cause })

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Converts the fields that the edge counts to the type of the port. */
export function trafficFrom(fields: Record<string, number>): Traffic {
  const field = (name: string | number): number => fields[name] ?? 0
  const kinds = (Object.keys(FAILURES) as FailureKind[]).filter(kind => field(kind) > 0)
  return {
    requests: field('requests'),
    status: {
      // 1xx: a WebSocket that opened counts as a good answer.
      '2xx': field('2xx') + field('1xx'),
      '3xx': field('3xx'),
      '4xx': field('4xx'),
      '5xx': field('5xx'),
      failed: field('failed'),
    },
    ...(kinds.length === 0 ? {} : { failures: Object.fromEntries(kinds.map(kind => [kind, field(kind)])) }),
    seconds: BOUNDS.map((le, i) => ({
      le,
      count: BOUNDS.slice(0, i + 1).reduce((sum, bound) => sum + field(bound), 0),
    })),
    active: field('active'),
  }
}
