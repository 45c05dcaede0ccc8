import { axios, Client } from 'acme-client'
import { Failure } from '../../kernel/failure.ts'
import { overTls } from '../../kernel/http.ts'
import type { Account } from '../../reach/certificates/authority.ts'
import { AcmeProblem, isProblem, refused, unreachable } from './problem.ts'

interface Answer {
  status: number
  headers: Record<string, string | undefined>
  data: unknown
}

interface Directory {
  meta?: Record<string, unknown>
  renewalInfo?: string
}

interface AnsweredAuthorization {
  status: string
  challenges: Array<{ error?: { detail?: string } }>
}

/** Parts of acme-client 5.4 that its types leave out. */
interface Inside {
  http: {
    request(url: string, method: string, options?: object): Promise<Answer>
    getDirectory(): Promise<Directory>
  }
  api: {
    createAccount(data: object): Promise<unknown>
    getAuthorization(url: string): Promise<{ data: AnsweredAuthorization }>
  }
}

export interface Asking {
  client: Client & Inside & { hasBinding: boolean }
  directory: string
}

/** Longest wait for one answer. */
const ANSWER_MS = 30_000

// They repeat a request for as long as the authority says, up to hours, and lose the reason of a network that fails.
// When to try again is decided by the rule of the noun.
axios.interceptors.request.clear()
axios.interceptors.response.clear()

/** A client for an authority; without a key it can only ask what everybody may. */
export function clientFor(
  { directory, root, binding, ...account }: Omit<Account, 'key'> & { key?: string },
  signal?: AbortSignal,
): Asking {
  const made = new Client({
    directoryUrl: directory,
    accountKey: account.key ?? '',
    backoffAttempts: 60,
    backoffMin: 500,
    backoffMax: 5_000,
    ...(binding === null
      ? {}
      : { externalAccountBinding: { kid: binding.kid, hmacKey: binding.key.reveal() } }),
  })
  const client = Object.assign(made as Client & Inside, { hasBinding: binding !== null })
  const own = root === null ? {} : { httpsAgent: agentFor(root), proxy: false }
  telling(client, directory, { ...own, timeout: ANSWER_MS, ...(signal === undefined ? {} : { signal }) })
  return { client, directory }
}

/** The roots of the system are read when they are needed: an import would read them at each start. */
function agentFor(root: string) {
  const { rootCertificates } = process.getBuiltinModule('node:tls')
  return new (overTls().Agent)({ ca: [...rootCertificates, root] })
}

/** Makes every answer that is none a failure that says which. The library drops the kind of a problem, and when to try again. */
function telling({ http }: Inside, directory: string, more: object): void {
  const ask = http.request.bind(http)
  http.request = async (url, method, options = {}) => {
    const answer = await ask(url, method, { ...options, ...more }).catch((error: unknown) => {
      throw unreachable(directory, error)
    })
    const { status, headers, data } = answer
    if (status >= 500) throw unreachable(directory, new AcmeProblem(data, { status, retryAt: null }))
    if (url === directory && !isDirectory(data))
      throw unreachable(
        directory,
        new Error(`it answered ${status} with something that is no directory of ACME`),
      )
    const problem = new AcmeProblem(data, { status, retryAt: retryAt(headers['retry-after'], Date.now()) })
    // The library repeats these by itself, with a new nonce.
    if (status < 400 || problem.type === 'badNonce') return answer
    throw problem
  }
}

const isDirectory = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && typeof (data as { newOrder?: unknown }).newOrder === 'string'

/** Seconds or a date → milliseconds since 1970; null: neither. */
export function retryAt(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  const at = /^\d{1,9}$/.test(header) ? now + Number(header) * 1000 : Date.parse(header)
  return Number.isFinite(at) && at > now ? at : null
}

/** Does something with an authority. Whatever goes wrong is a failure with the reason of the authority. */
export async function guarded<T>(
  directory: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof Failure) throw error
    throw isProblem(error) ? refused(directory, error) : unreachable(directory, error)
  }
}
