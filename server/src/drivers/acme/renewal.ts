import { X509Certificate } from 'node:crypto'
import type { RenewalWindow } from '../../reach/certificates/authority.ts'
import { execOk } from '../host/exec.ts'
import { type Asking, retryAt } from './client.ts'

const HOUR_MS = 3_600_000
/** How often an authority is asked that does not say how often. */
const ASK_AGAIN_MS = 6 * HOUR_MS

/** When the authority wants a certificate to be renewed (RFC 9773, ARI); null: it has no opinion. */
export async function renewalOf({ client }: Asking, chain: string): Promise<RenewalWindow | null> {
  const { renewalInfo } = await client.http.getDirectory()
  if (renewalInfo === undefined) return null
  const { data, headers } = await client.http.request(`${renewalInfo}/${await idOf(chain)}`, 'get')
  const { start, end } =
    (data as { suggestedWindow?: { start?: string; end?: string } }).suggestedWindow ?? {}
  const [from, to] = [Date.parse(start ?? ''), Date.parse(end ?? '')]
  if (!(from < to)) return null
  const now = Date.now()
  // More than once a day nobody wants to be asked; less than once a day would miss a revocation.
  const again = retryAt(headers['retry-after'], now) ?? now + ASK_AGAIN_MS
  return { from, to, again: Math.min(Math.max(again, now + HOUR_MS / 60), now + 24 * HOUR_MS) }
}

/** The field of an order that says which certificate it takes the place of, where the authority knows of that. */
export async function replacing(
  client: Asking['client'],
  chain: string | null,
): Promise<{ replaces?: string }> {
  if (chain === null || (await client.http.getDirectory()).renewalInfo === undefined) return {}
  return { replaces: await idOf(chain) }
}

/** A certificate as RFC 9773 names it: the key of its authority and its own number. */
export async function idOf(chain: string): Promise<string> {
  const argv = ['openssl', 'x509', '-noout', '-ext', 'authorityKeyIdentifier']
  const { stdout } = await execOk({ argv, input: chain, timeoutMs: 10_000 }, 'openssl x509')
  const authority = /(?:[0-9A-F]{2}:){7,}[0-9A-F]{2}/i.exec(stdout)?.[0].replaceAll(':', '') ?? ''
  const { serialNumber } = new X509Certificate(chain)
  const even = serialNumber.length % 2 === 0 ? serialNumber : `0${serialNumber}`
  // As DER has it: a number whose first bit is set would be a negative one.
  const serial = /^[89a-f]/i.test(even) ? `00${even}` : even
  return [authority, serial].map(hex => Buffer.from(hex, 'hex').toString('base64url')).join('.')
}
