import type { Writable } from 'node:stream'
import type { Hidden } from '../../kernel/hide.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import type { TerminalSize } from './wire-command.ts'

export interface Command {
  argv: readonly string[]
  cwd?: string
  /** The whole environment: nothing is inherited. */
  env?: Readonly<Record<string, string>>
  /** The user that runs it; needs root. Only for programs and folders that no app can change. */
  user?: Account | null
  /** Programs of an app must have one; it also names the user. */
  confinement?: Confinement
  timeoutMs: number
  signal?: AbortSignal
  /** Each line of standard output and error as it comes. */
  onLine?: (line: string) => void
  /** The process tree is killed when its resident memory passes this. */
  memoryBytes?: number
  /** With lower priority for processor and disk than the services. */
  background?: boolean
  /** File that holds the pid, so that a restarted keeper can end what it left running. */
  pidFile?: string
  /** Values that stand neither in its lines nor in the tail of its output. */
  hidden?: Hidden
  /** Most letters of standard output that are kept; default: 8 MB. */
  mostOutput?: number
  /** Text for standard input; without it, standard input is closed. */
  input?: string
}

export interface Finished {
  /** null when a signal ended it. */
  code: number | null
  signal: string | null
  /** The last 64 KB of output, of both streams in the order in which they came. */
  tail: string
  /** Standard output alone, its beginning where it passed `mostOutput`. */
  stdout: string
  ms: number
}

/** The port to child processes: builds, release steps and one-off commands. Failures: `exec.timeout`, `exec.memory`, `exec.missing`; any exit code is an answer. */
export type Runner = (command: Command) => Promise<Finished>

/** A command that runs, whose streams somebody else has. */
export interface Held {
  stdin: Writable
  /** All of its processes get the signal, as from a terminal. */
  signal(name: NodeJS.Signals): void
  /** For a command that has a terminal (`inTerminal`). */
  resize(size: TerminalSize): Promise<void>
  finished: Promise<Finished>
}

/** Starts a command whose output goes to these streams, byte for byte. Its failures are those of a runner. */
export type Starter = (command: Command, outputs: { stdout: Writable; stderr: Writable }) => Promise<Held>
