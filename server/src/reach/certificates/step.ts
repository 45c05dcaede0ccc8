import type { Sentences } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import type { Proof } from './authority.ts'

/** Everything that is done for a certificate, as data. Each may run twice. */
export type CertificateStep =
  | {
      kind: 'certificate.look'
      app: string
      names: readonly string[]
      authority: string
      proof: Proof['kind']
    }
  | { kind: 'certificate.read'; app: string; file: string }
  /** `force`: also when the present one is good for long. */
  | { kind: 'certificate.order'; app: string; names: readonly string[]; authority: string; force: boolean }
  | { kind: 'certificate.show'; app: string }

export const certificateSentences: Sentences<CertificateStep> = {
  'certificate.look': s =>
    s.proof === 'dns'
      ? `see whether ${s.authority} may issue for ${list(s.names)}`
      : `see whether ${list(s.names)} ${s.names.length === 1 ? 'leads' : 'lead'} here`,
  'certificate.read': s => `read ${s.file} and its key`,
  'certificate.order': s => `order a certificate from ${s.authority} and show it the proof`,
  'certificate.show': () => 'show it to visitors, without a reload',
}
