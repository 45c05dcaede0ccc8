import type { AuthorityConfig, TlsConfig } from '../../config/tls.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { list } from '../../kernel/words.ts'
import type { Proof } from './authority.ts'
import type { Attempt, Certificate, Wanted } from './certificate.ts'
import { missing } from './due.ts'
import type { Answered } from './ports.ts'

const DAY = 86_400_000
/** How long a certificate must have been good before visitors are told to come by TLS alone. */
const HSTS_AFTER = DAY
/** A renewal that fails is told when so much is left, or a third of its life where that is less. */
const TOLD_BEFORE = 20 * DAY

/** Ends of names that nobody owns in the DNS of the world (RFC 6761 and others): no public authority issues for them. */
const PRIVATE = /(^|\.)(localhost|local|test|example|invalid|internal|onion|arpa|lan|home|corp)$/

/** An IPv4 address among the domains of an app. */
export const isAddress = (name: string): boolean => /^\d+(\.\d+){3}$/.test(name)

/** Addresses of networks that everybody may have (RFC 1918, 6598, 3927, 1122). */
const OWN_NETWORK =
  /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./

/** All domains in small letters, each once. */
export const allOf = (domains: readonly string[]): string[] => [
  ...new Set(domains.map(name => name.toLowerCase())),
]

/** Which domains an authority can be asked for, and why it cannot be asked for the others. */
export function namesOf(
  domains: readonly string[],
  tls: Pick<TlsConfig, 'authority' | 'dns'>,
): Pick<Wanted, 'names' | 'others'> {
  const known = allOf(domains).map(name => ({ name, reason: unaskable(name, tls) }))
  return {
    names: known.flatMap(({ name, reason }) => (reason === null ? [name] : [])),
    others: known.flatMap(({ name, reason }) => (reason === null ? [] : [{ name, reason }])),
  }
}

function unaskable(name: string, { authority, dns }: Pick<TlsConfig, 'authority' | 'dns'>): string | null {
  if (name.startsWith('*.') && dns === undefined)
    return 'an authority wants a proof by DNS for it: write the commands for that under `tls: { dns: … }`'
  if (isAddress(name) && dns !== undefined)
    return 'an address has no zone to put a proof into: give it to an app without `tls: { dns: … }`'
  if (authority.startsWith('https://')) return null
  if (isAddress(name))
    return OWN_NETWORK.test(name) ? 'no public authority issues for an address of a private network' : null
  return PRIVATE.test(name) || !name.includes('.')
    ? 'no public authority issues for such a name, which nobody owns'
    : null
}

/** How the names of an app are shown to be its own. */
export const proofOf = ({ tls }: Pick<Wanted, 'tls'>): Proof['kind'] =>
  tls.dns === undefined ? 'http' : 'dns'

/** Which kind of certificate is asked for; null: the usual one. Let's Encrypt issues for addresses by this one alone. */
export const profileOf = ({ authority, profile }: AuthorityConfig, names: readonly string[]): string | null =>
  profile ?? (authority.startsWith('letsencrypt') && names.some(isAddress) ? 'shortlived' : null)

/** Whether a record is to be seen: every name server that answers (not null) has it, and one does. */
export const isVisible = (answers: ReadonlyArray<readonly string[] | null>, value: string): boolean =>
  answers.some(answer => answer !== null) && answers.every(answer => answer?.includes(value) ?? true)

export interface Seen {
  address: string
  answered: Answered
}

/** Why an authority could not be shown that a name is ours; null: nothing speaks against it. */
export function problemAt(name: string, seen: readonly Seen[]): string | null {
  if (seen.length === 0)
    return `${name} has no address: add an A record with the address of this server where the name is kept`
  const other = seen.find(({ answered }) => answered.who === 'other')
  if (other === undefined) return null
  const kind = other.address.includes(':') ? 'AAAA' : 'A'
  const others = seen.some(({ answered }) => answered.who === 'us')
    ? 'another of its addresses leads here; '
    : ''
  return `${name} leads to another server: its ${kind} record ${other.address} ${says(other)}; ${others}correct the record or take it out`
}

const says = ({ answered }: Seen): string => (answered.who === 'us' ? '' : answered.says)

/** What is told beside the authority's own reason: addresses where nobody answered us. They may be reached from outside all the same. */
export const silent = (seen: readonly Seen[]): string[] =>
  seen.flatMap(({ address, answered }) => (answered.who === 'nobody' ? [`${address} ${answered.says}`] : []))

/** Why CAA records keep an authority from issuing; null: they do not. `ours`: its names in such records; none: it does not say. */
export function problemOfCaa(
  name: string,
  allowed: { at: string; authorities: readonly string[] } | null,
  ours: readonly string[],
): string | null {
  if (allowed === null || ours.length === 0) return null
  if (allowed.authorities.some(one => ours.includes(one))) return null
  const others = allowed.authorities.length === 0 ? 'nobody' : list(allowed.authorities)
  return `the CAA records of ${allowed.at} let ${others} issue for ${name}: add one with ${ours[0]}, or choose that authority under tls:`
}

/** From when on visitors are told to come by TLS alone. */
export const hstsFrom = ({ goodSince }: Pick<Certificate, 'goodSince'>): number => goodSince + HSTS_AFTER

/** Since when each name has had a good certificate: a name that is new begins anew. */
export const goodSince = (before: Certificate | null, names: readonly string[], now: number): number =>
  before !== null && before.to > now && names.every(name => before.names.includes(name))
    ? before.goodSince
    : now

/** Whether so little is left that a renewal which fails has to be told. */
const isLate = ({ from, to }: Certificate, now: number): boolean =>
  to - now < Math.min(TOLD_BEFORE, (to - from) / 3)

/** Why a name, or all of it, has no certificate. */
export function reasonOf(attempt: Attempt | null, names: readonly string[]): string | null {
  if (attempt === null || attempt.failures === 0) return null
  const own = [...new Set(names.flatMap(name => attempt.problems[name]?.reason ?? []))]
  return own.length > 0 ? own.join('; ') : attempt.reason
}

export interface Held {
  now: number
  wanted: Wanted
  certificate: Certificate | null
  attempt: Attempt | null
}

/** What is wrong with the certificate of an app. */
export function alarmsOf({ now, wanted, certificate, attempt }: Held): Alarm[] {
  const { app } = wanted
  const fix = `correct what it names; it is tried again by itself, and at once by \`inn certs renew ${app}\``
  const all = reasonOf(attempt, wanted.names)
  if (certificate !== null && certificate.to <= now)
    return [
      {
        code: 'certificate.expired',
        level: 'late',
        what: `the certificate of ${app} is over since ${showDuration(now - certificate.to)}, and browsers refuse ${list(certificate.names)}${because(all)}`,
        fix,
      },
    ]
  if (certificate === null)
    return all === null
      ? []
      : [{ code: 'certificate.failed', level: 'soon', what: `${app} has no certificate${because(all)}`, fix }]
  const lacking = missing(wanted, certificate)
  const why = reasonOf(attempt, lacking)
  return [
    ...((all !== null || wanted.files !== null) && isLate(certificate, now)
      ? [
          {
            code: 'certificate.renewal',
            level:
              certificate.to - now < (certificate.to - certificate.from) / 6
                ? ('late' as const)
                : ('soon' as const),
            what: `the certificate of ${app} is not renewed, and is over in ${showDuration(certificate.to - now)}${because(all)}`,
            fix,
          },
        ]
      : []),
    ...(lacking.length > 0 && why !== null
      ? [
          {
            code: 'certificate.name',
            level: 'soon' as const,
            what: `${list(lacking)} of ${app} has no certificate${because(why)}`,
            fix,
          },
        ]
      : []),
  ]
}

const because = (reason: string | null): string => (reason === null ? '' : `: ${reason}`)
