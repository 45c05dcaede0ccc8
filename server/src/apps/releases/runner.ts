import type { Account } from '../../servers/confinement/account.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'

export interface Command {
  argv: readonly string[]
  cwd?: string
  /** The whole environment: nothing is inherited. */
  env?: Readonly<Record<string, string>>
  /** Run as this user; needs root. Only for programs and folders that no app can change. */
  user?: Account | null
  /** Everything that comes from an app runs in one, and as its user. */
  confinement?: Confinement
  timeoutMs: number
  signal?: AbortSignal
  /** Each line of standard output and error as it comes. */
  onLine?: (line: string) => void
  /** The process tree is killed when its resident memory passes this. */
  memoryBytes?: number
  /** Below the services in processor and disk. */
  background?: boolean
  /** Where the pid is kept, so that a keeper that comes back can end what it left running. */
  pidFile?: string
  /** Given to standard input; without it, standard input is closed. */
  input?: string
}

export interface Finished {
  /** null when a signal ended it. */
  code: number | null
  signal: string | null
  /** The last 64 KB of output, both streams as they came. */
  tail: string
  /** Standard output alone, bounded to 8 MB. */
  stdout: string
  ms: number
}

/** The port to child processes: builds, release steps and one-off commands. Failures: `exec.timeout`, `exec.memory`, `exec.missing`; any exit code is an answer. */
export type Runner = (command: Command) => Promise<Finished>
