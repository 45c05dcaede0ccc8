import type { Answer, AskedAs } from '../../apps/checks/health.ts'
import type { Secret } from '../../kernel/secret.ts'

/** What a server shows of its certificate. */
export interface Shown {
  /** When it ends, in milliseconds since 1970. */
  notAfter: number
  /** Why it is not trusted; null: it is. */
  problem: string | null
}

/**
 * The port to what probes ask. Each takes `timeoutMs` at most, whatever the other side does, and the message of what it
 * throws says what was seen, without a secret.
 */
export interface Asker {
  http(url: Secret, as: AskedAs, timeoutMs: number): Promise<Answer>
  tcp(to: { host: string; port: number }, timeoutMs: number): Promise<void>
  postgres(url: Secret, timeoutMs: number): Promise<void>
  redis(url: Secret, timeoutMs: number): Promise<void>
  certificate(of: { host: string; port: number }, timeoutMs: number): Promise<Shown>
  /** One command of the app, as the app; throws when it does not end with 0. */
  command(of: { app: string; release: string; argv: readonly string[] }, timeoutMs: number): Promise<void>
}
