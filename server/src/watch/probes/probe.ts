import type { AskedAs, Expected } from '../../apps/checks/health.ts'
import type { ProbeKind } from '../../config/cross-probes.ts'
import type { Secret } from '../../kernel/secret.ts'

/** What is asked, resolved: where the file says `true` or a path, this has the address. */
export type Target =
  | { kind: 'http'; url: Secret; as: AskedAs; expected: Expected }
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'postgres' | 'redis'; url: Secret }
  | { kind: 'command'; app: string; release: string; argv: readonly string[] }
  | { kind: 'certificate'; host: string; port: number; days: number }

/** One probe of an app, or its part for one instance. */
export interface Probing {
  app: string
  name: string
  /** `api.blue.1`; null: it asks no instance by itself. */
  instance: string | null
  /** Whether it is there without a line in innkeeper.yaml. */
  own: boolean
  kind: ProbeKind
  /** In words, without secrets. */
  shown: string
  target: Target
  everyMs: number
  timeoutMs: number
  failures: number
  level: 'warning' | 'critical'
}

/** What came of asking once. */
export interface Result {
  ok: boolean
  /** What was seen. */
  said: string
  ms: number
  /** Milliseconds since 1970. */
  at: number
  /** When the certificate that was shown ends. */
  notAfter?: number
}

/** What is remembered of a probe. */
export interface Standing {
  state: 'waiting' | 'ok' | 'failing'
  /** Since when it is in that state. */
  since: number
  /** Failures in a row, and when the first of them was. */
  bad: number
  badSince: number | null
  last: Result | null
}

/** By what a probe is known. */
export const keyOf = ({ app, name, instance }: Pick<Probing, 'app' | 'name' | 'instance'>): string =>
  [app, name, instance ?? ''].join('/')
