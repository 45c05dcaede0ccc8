import type { OwnTls, TlsConfig } from '../../config/tls.ts'

/** What an app asks for. */
export interface Wanted {
  app: string
  /** In small letters: those that the authority can be asked for. */
  names: readonly string[]
  /** Those that it cannot, and why. */
  others: ReadonlyArray<{ name: string; reason: string }>
  tls: TlsConfig
  /** A certificate of one's own instead; null: one is issued. */
  files: Pick<OwnTls, 'certificate' | 'key'> | null
  /** Values that whoever deployed gave (`from:`). */
  secrets: Readonly<Record<string, string>>
}

/** A certificate that was issued, as the store keeps it. Times are milliseconds since 1970. */
export interface Certificate {
  app: string
  /** The directory of the authority. */
  authority: string
  names: readonly string[]
  chain: string
  key: string
  /** From when to when it is valid, as it says itself. */
  from: number
  to: number
  /** Since when visitors have been shown a good certificate for each of its names. */
  goodSince: number
  /** When the authority wants it to be renewed; null: it does not say. */
  window: { from: number; to: number; again: number } | null
}

/** Why a name has no certificate. `looked`: it was found before the authority was asked. */
export interface Problem {
  reason: string
  looked: boolean
}

/** What the last try brought. */
export interface Attempt {
  app: string
  at: number
  /** Those that it was for. */
  names: readonly string[]
  /** How many tries failed in a row; 0: it did not fail. */
  failures: number
  /** Not tried again before. */
  nextAt: number
  /** Why all of it failed; null: it did not, or each name has its own reason. */
  reason: string | null
  /** Name → why it has no certificate. */
  problems: Readonly<Record<string, Problem>>
  /** The authority that was asked. */
  authority: string
}
