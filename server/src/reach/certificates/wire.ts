import { z } from 'zod'

/** What an app has for its domains, and what they wait for. */
export const CertificateView = z.object({
  app: z.string(),
  /** `good`: every domain has one; `part`: some have none; `none`: there is none yet; `over`: it has expired. */
  state: z.enum(['good', 'part', 'none', 'over']),
  /** Where it comes from: the directory of the authority, or `file:` and the path of one's own. */
  authority: z.string(),
  domains: z.array(
    z.object({
      name: z.string(),
      /** Whether the certificate is for it. */
      covered: z.boolean(),
      /** What it waits for, or why the last try failed; null: nothing is wrong. */
      reason: z.string().nullable(),
    }),
  ),
  /** From when to when it is valid; null: there is none. */
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  /** When it is renewed; null: there is none, or it is one's own. */
  renewal: z.iso.datetime().nullable(),
  /** When the next try begins, after one that failed. */
  next: z.iso.datetime().nullable(),
  /** How many tries failed in a row. */
  failures: z.number().int(),
  /** Why the last try failed as a whole; null: it did not. */
  reason: z.string().nullable(),
})
export type CertificateView = z.infer<typeof CertificateView>

/** The same with the chain, the site's own certificate first. */
export const CertificateDetails = CertificateView.extend({
  chain: z.array(
    z.object({
      subject: z.string(),
      issuer: z.string(),
      names: z.array(z.string()),
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      sha256: z.string(),
    }),
  ),
})
export type CertificateDetails = z.infer<typeof CertificateDetails>
