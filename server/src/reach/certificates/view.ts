import type { Attempt, Certificate, Wanted } from './certificate.ts'
import { missing, renewalAt } from './due.ts'
import { reasonOf } from './rule.ts'
import type { CertificateView } from './wire.ts'

interface Seen {
  now: number
  wanted: Wanted
  authority: string
  certificate: Certificate | null
  attempt: Attempt | null
  need: 'issue' | 'renew' | null
}

const date = (at: number): string => new Date(at).toISOString()

/** What is shown of the certificate of an app. */
export function viewOf({ now, wanted, authority, certificate, attempt, need }: Seen): CertificateView {
  const lacking = new Set(missing(wanted, certificate))
  const failures = attempt?.failures ?? 0
  const names = wanted.names.map(name => ({
    name,
    covered: !lacking.has(name),
    reason: reasonOf(attempt, [name]) ?? (lacking.has(name) ? 'its certificate is on the way' : null),
  }))
  const others = wanted.others.map(other => ({ ...other, covered: false }))
  return {
    app: wanted.app,
    state: stateOf(certificate, { now, isWhole: lacking.size === 0 && others.length === 0 }),
    authority,
    domains: [...names, ...others],
    from: certificate === null ? null : date(certificate.from),
    to: certificate === null ? null : date(certificate.to),
    renewal: certificate === null || wanted.files !== null ? null : date(renewalAt(certificate)),
    next: need !== null && failures > 0 ? date(Math.max(attempt!.nextAt, now)) : null,
    failures,
    reason: failures > 0 ? attempt!.reason : null,
  }
}

function stateOf(
  certificate: Certificate | null,
  { now, isWhole }: { now: number; isWhole: boolean },
): CertificateView['state'] {
  if (certificate === null) return 'none'
  if (certificate.to <= now) return 'over'
  return isWhole ? 'good' : 'part'
}
