import type { SiteCertificate } from '../edge/edge.ts'
import type { Certificate, Wanted } from './certificate.ts'
import { covers } from './due.ts'
import { hstsFrom } from './rule.ts'

/** What the edge is to show for an app; null: nothing. A name that the app gave up may be another one's by now. */
export function siteCertificate(
  certificate: Certificate | null,
  wanted: Pick<Wanted, 'names' | 'tls'> | null,
): SiteCertificate | null {
  if (certificate === null || wanted === null) return null
  const names = wanted.names.filter(name => covers(certificate.names, name))
  if (names.length === 0) return null
  const { chain, key } = certificate
  return { names, chain, key, hstsFrom: hstsFrom(certificate), modern: wanted.tls.modern }
}
