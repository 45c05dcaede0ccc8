import type { Probe } from '../../apps/checks/health.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'

export interface IsolatedProcess {
  name: string
  argv: readonly string[]
  cwd: string
  /** The whole environment. */
  env: Readonly<Record<string, string>>
  /** The confinement of a program of an app; without it, the process runs as the keeper does. */
  confinement?: Confinement
  /** Text for standard input. */
  input?: string
}

export interface IsolationOrder {
  /** An empty folder, for the sockets between the inside and the outside. */
  at: string
  processes: readonly IsolatedProcess[]
  /** Unix sockets of this machine that are reached inside as ports on loopback. Nothing else of the machine is reached. */
  brought: ReadonlyArray<{ port: number; socket: string }>
  /** Ports inside that the probe may connect to. */
  asked: readonly number[]
  /** Folders with an overlay: inside they look the same, and what is written there is thrown away. */
  scratch: readonly string[]
  /** Folders that are empty inside, because they contain sockets of this machine. */
  hidden: readonly string[]
  signal: AbortSignal
  say(line: string): void
}

/** Port to processes in a network namespace where only loopback is up: nothing that they send reaches anybody. */
export interface Isolation {
  /**
   * Runs the processes while `work` uses them; afterwards nothing of them is left. Failures: `isolation.none` when this
   * machine has no namespaces (nothing was started then), `isolation.ended` when a process ends by itself.
   */
  during<T>(order: IsolationOrder, work: (probe: Probe) => Promise<T>): Promise<T>
}
