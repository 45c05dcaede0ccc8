import { Failure } from '../../kernel/failure.ts'
import { plain, telling } from '../../kernel/output.ts'
import { list } from '../../kernel/words.ts'
import type { Problem } from '../../reach/certificates/certificate.ts'

/** What an authority answers when it refuses (RFC 7807, RFC 8555 6.7). */
export interface Refusal {
  /** The last part of its kind: `rateLimited`. */
  type: string
  detail: string
  /** When it may be asked again, in milliseconds since 1970; null: it does not say. */
  retryAt: number | null
  /** What to do, where it is known better than by the kind. */
  fix?: string
}

export class AcmeProblem extends Error implements Refusal {
  readonly type: string
  readonly detail: string
  readonly retryAt: number | null
  readonly subproblems: ReadonlyArray<{ name: string; detail: string }>

  constructor(body: unknown, { status, retryAt }: { status: number; retryAt: number | null }) {
    const { type, detail, subproblems } = (typeof body === 'object' && body !== null ? body : {}) as {
      type?: unknown
      detail?: unknown
      subproblems?: Array<{ identifier?: { value?: unknown }; detail?: unknown }>
    }
    const said = plain(String(detail ?? (typeof body === 'string' ? body : ''))).slice(0, 500)
    super(said === '' ? `it answered ${status}` : said)
    this.type = String(type ?? status).replace(/^.*:/, '')
    this.detail = this.message
    this.retryAt = retryAt
    this.subproblems = (Array.isArray(subproblems) ? subproblems : []).map(one => ({
      name: String(one.identifier?.value),
      detail: plain(String(one.detail)).slice(0, 500),
    }))
  }
}

export const isProblem = (error: unknown): error is AcmeProblem => error instanceof AcmeProblem

const hostOf = (directory: string): string => new URL(directory).host

export const refused = (directory: string, { type, detail, retryAt, fix }: Refusal): Failure =>
  new Failure('certificate.refused', `${hostOf(directory)} refused to issue the certificate`, {
    why: `${detail} (${type})`,
    fix: fix ?? fixOf(type),
    facts: { type, ...(retryAt === null ? {} : { retryAt }) },
  })

const fixOf = (type: string): string =>
  type === 'rateLimited'
    ? 'it is tried again when the authority allows it; for trials write `tls: { authority: letsencrypt-staging }`'
    : 'correct what it names; it is tried again by itself, and at once by `inn certs renew APP`'

export const unproven = (failed: Readonly<Record<string, Problem>>): Failure =>
  new Failure('certificate.unproven', `there is no proof for ${list(Object.keys(failed))}`, {
    why: Object.entries(failed)
      .map(([name, { reason }]) => `${name}: ${reason}`)
      .join('\n'),
    fix: 'correct what it names; it is tried again by itself, and at once by `inn certs renew APP`. To try without the limits of the authority: `tls: { authority: letsencrypt-staging }`',
    facts: { failed },
  })

export const unreachable = (directory: string, error: unknown): Failure =>
  new Failure('certificate.unreachable', `${hostOf(directory)} did not answer as an authority does`, {
    why: telling(error instanceof Error ? error.message || String(error) : String(error)),
    fix: `\`curl -v ${directory}\` on the server shows what it sees; it is tried again by itself`,
    cause: error,
  })
