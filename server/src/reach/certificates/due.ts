import { directoryOf } from '../../config/tls.ts'
import type { Attempt, Certificate, Wanted } from './certificate.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** After a look that failed: it costs nobody anything, and somebody may be at work on the names. */
const LOOK = { first: MINUTE / 2, longest: HOUR }
/** After a refusal. Authorities allow few in an hour. */
const ASK = { first: 5 * MINUTE, longest: 12 * HOUR }

/** How long to wait after so many tries that failed in a row. `looked`: the authority was not asked. */
export function pause(failures: number, looked: boolean): number {
  const { first, longest } = looked ? LOOK : ASK
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 20))
}

/** A share from 0 up to 1 that follows from a text: many certificates of one day are not renewed in one minute. */
export function share(text: string): number {
  let sum = 7
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 10_007
  return sum / 10_007
}

/** How much of its life is left at most when a certificate is renewed, and how much earlier chance may put it. */
const LEFT = 1 / 3
const EARLIER = 1 / 50

/** When a certificate is renewed: within the time that its authority named, else when two thirds of its life are over, whatever that is. */
export function renewalAt({ app, from, to, window }: Certificate): number {
  const chance = share(`${app} ${from}`)
  if (window !== null) return window.from + (window.to - window.from) * chance
  const life = to - from
  return to - life * LEFT - life * EARLIER * chance
}

/** Where the certificate of an app may come from, the first choice first: directories of authorities, or a file. */
export const sourcesOf = ({ tls, files }: Pick<Wanted, 'tls' | 'files'>): [string, ...string[]] =>
  files !== null
    ? [`file:${files.certificate}`]
    : [directoryOf(tls), ...(tls.fallback === undefined ? [] : [directoryOf(tls.fallback)])]

/** A second authority is asked after so many failures in a row, when at most this share of a life is left. */
const SECOND = { failures: 3, left: 1 / 4 }

/** Where it is to come from now. What a name lacks, a second authority would refuse, too; so it is asked when the first one fails as a whole. */
export function sourceNow({ now, wanted, certificate, attempt }: Omit<Facts, 'changed'>): string {
  const [first, second] = sourcesOf(wanted)
  if (second === undefined || attempt === null || attempt.reason === null) return first
  const hasTime =
    certificate !== null && certificate.to - now > (certificate.to - certificate.from) * SECOND.left
  // The one that failed last is not asked next.
  return attempt.failures < SECOND.failures || hasTime || attempt.authority === second ? first : second
}

/** Whether a certificate with these names is for a name; `*.` stands for one label. */
export const covers = (names: readonly string[], name: string): boolean =>
  names.includes(name) || names.includes(name.replace(/^[^.]+/, '*'))

/** Names that are wanted and that the certificate is not for. */
export const missing = (wanted: Pick<Wanted, 'names'>, certificate: Certificate | null): string[] =>
  wanted.names.filter(name => certificate === null || !covers(certificate.names, name))

/** Whether the last try was for the same: what is new is tried at once. */
const isSame = (attempt: Attempt, wanted: Wanted): boolean =>
  sourcesOf(wanted).includes(attempt.authority) && wanted.names.every(name => attempt.names.includes(name))

export interface Facts {
  now: number
  wanted: Wanted
  certificate: Certificate | null
  attempt: Attempt | null
  /** Whether the files of one's own hold another one than what is known. */
  changed: boolean
}

/** What would be done now, if nothing had to be waited for. */
export function need({
  now,
  wanted,
  certificate,
  changed,
}: Omit<Facts, 'attempt'>): 'issue' | 'renew' | null {
  if (wanted.names.length === 0) return null
  if (certificate === null || !sourcesOf(wanted).includes(certificate.authority)) return 'issue'
  if (wanted.files !== null) return changed ? 'renew' : null
  if (renewalAt(certificate) <= now) return 'renew'
  return missing(wanted, certificate).length > 0 ? 'issue' : null
}

/** What is due now; null: nothing. */
export function due(facts: Facts): 'issue' | 'renew' | null {
  const { now, wanted, attempt } = facts
  const waits = attempt !== null && attempt.nextAt > now && isSame(attempt, wanted)
  return waits ? null : need(facts)
}

/** Whether a certificate for these names is wanted, when others fell out: not one more of the same. */
export const isWorthwhile = (names: readonly string[], facts: Omit<Facts, 'attempt' | 'changed'>): boolean =>
  names.length > 0 &&
  (facts.certificate === null ||
    !sourcesOf(facts.wanted).includes(facts.certificate.authority) ||
    renewalAt(facts.certificate) <= facts.now ||
    names.some(name => !facts.certificate!.names.includes(name)))
