import type { CertificateView } from '../../../server/src/reach/certificates/wire.ts'
import { coarse } from '../kit/words.ts'

const NAMES: Record<string, string> = {
  'acme-v02.api.letsencrypt.org': "Let's Encrypt",
  'acme-staging-v02.api.letsencrypt.org': "Let's Encrypt (staging)",
}

/** Where a certificate comes from, for a person. */
export function authorityName(source: string): string {
  if (source.startsWith('file:')) return source.slice('file:'.length)
  const { host } = new URL(source)
  return NAMES[host] ?? host
}

/** How much of its life is left, from 0 to 1; null: there is none. */
export function leftOf({ from, to }: Pick<CertificateView, 'from' | 'to'>, now: number): number | null {
  if (from === null || to === null) return null
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  return Math.max(0, Math.min(1, (end - now) / (end - begin)))
}

/** What becomes of it next, in words. */
export function nextOf(certificate: CertificateView, now: number): string {
  const { to, renewal, next, state } = certificate
  const [lasts, again] = [lastsOf(to, now), next === null ? null : againIn(Date.parse(next) - now)]
  if (again !== null) return lasts === null ? again : `${lasts}, ${again}`
  if (lasts === null) return 'on the way'
  if (renewal === null || state === 'over') return lasts
  return `${lasts}, renewed in ${coarse(Math.max(0, Date.parse(renewal) - now))}`
}

function lastsOf(to: string | null, now: number): string | null {
  if (to === null) return null
  const ms = Date.parse(to) - now
  return ms <= 0 ? `over since ${coarse(-ms)}` : `good for ${coarse(ms)}`
}

const againIn = (ms: number): string => (ms <= 0 ? 'tried again now' : `tried again in ${coarse(ms)}`)
