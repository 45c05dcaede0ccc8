import type { Secret } from '../../kernel/secret.ts'
import type { Problem } from './certificate.ts'

/** An authority, and as whom it is asked. */
export interface Account {
  /** The address of its directory. */
  directory: string
  /** PEM of its own root; null: the system knows it. */
  root: string | null
  /** The private key of the account, as PEM. */
  key: string
  email: string | null
  /** For authorities that issue to their customers alone. */
  binding: { kid: string; key: Secret } | null
}

export interface Order {
  account: Account
  names: readonly string[]
  /** The private key that the certificate is for, as PEM. */
  key: string
  /** How a name is shown to be ours. */
  proof: Proof['kind']
  /** Which of its kinds of certificates the authority is to issue; null: its usual one. */
  profile: string | null
  /** The chain that the new certificate takes the place of, for an authority that wants to know; null: none. */
  replaces: string | null
}

/** What an authority looks for: the text at `/.well-known/acme-challenge/TOKEN` of a name, or a TXT record of it. */
export type Proof =
  | { kind: 'http'; token: string; text: string }
  | { kind: 'dns'; record: string; value: string }

export interface Ordering {
  /** Shows a proof. Resolves with why it is not to be seen; null: it is. */
  show(proof: Proof): Promise<string | null>
  /** Takes it back. */
  hide(proof: Proof): Promise<void>
  /** Asked when names fell out: whether a certificate for those that are left is wanted. */
  worthwhile(names: readonly string[]): boolean | Promise<boolean>
  say(line: string): void
  signal: AbortSignal
}

/** `failed`: names that the authority could not be shown the proof for; `chain` is for the others. */
export interface Issued {
  chain: string
  failed: Readonly<Record<string, Problem>>
}

/** When an authority wants a certificate to be renewed (RFC 9773), and when it wants to be asked again. In milliseconds since 1970. */
export interface RenewalWindow {
  from: number
  to: number
  again: number
}

/**
 * The port to authorities that speak ACME. Failures: `certificate.unreachable` (nobody answered, or it was no authority),
 * `certificate.refused` (facts: `retryAt`, in milliseconds since 1970, where it says so), `certificate.unproven` (facts:
 * `failed`, as in Issued).
 */
export interface Authorities {
  /** A private key for an account or a certificate, as PEM. */
  newKey(): Promise<string>
  issue(order: Order, ordering: Ordering): Promise<Issued>
  /** Names that stand for this authority in CAA records; empty: it does not say. */
  caaNames(account: Omit<Account, 'key'>): Promise<readonly string[]>
  /** null: this authority has no opinion. */
  renewal(account: Omit<Account, 'key'>, chain: string): Promise<RenewalWindow | null>
}
