import type { Probe } from '../../apps/checks/health.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'

export interface IsolatedProcess {
  name: string
  argv: readonly string[]
  cwd: string
  /** The whole environment. */
  env: Readonly<Record<string, string>>
  /** What a program of an app is held to besides; without it, it runs as we do. */
  confinement?: Confinement
  /** Given to standard input. */
  input?: string
}

export interface IsolationOrder {
  /** An empty folder, for the sockets between inside and outside. */
  at: string
  processes: readonly IsolatedProcess[]
  /** Unix sockets of this machine that answer inside as ports on loopback, and nothing else of it does. */
  brought: ReadonlyArray<{ port: number; socket: string }>
  /** Ports inside that the probe may ask for. */
  asked: readonly number[]
  /** Folders that look as they are; what is written there is thrown away. */
  scratch: readonly string[]
  /** Folders that are empty inside: sockets of this machine lie there. */
  hidden: readonly string[]
  signal: AbortSignal
  say(line: string): void
}

/** Port to processes with a network of their own in which only loopback is up: whatever they try reaches nobody. */
export interface Isolation {
  /**
   * Runs them while `work` asks them; afterwards nothing of them is left. Failures: `isolation.none` when there is no
   * such thing here (nothing was started then), `isolation.ended` when one of them ends by itself.
   */
  during<T>(order: IsolationOrder, work: (probe: Probe) => Promise<T>): Promise<T>
}
