import type { Hidden } from '../../kernel/hide.ts'
import type { Confinement } from '../confinement/confinement.ts'

/** What becomes of the lines of a service before they reach the disk. */
export interface LogRules {
  /** Values that are written as `***NAME***`, by their names. */
  secrets?: Hidden
  /** The share that is kept of the lines of a level, 0 to 1. Default: all. */
  keep?: Readonly<Partial<Record<'debug' | 'info', number>>>
}

/** A long-running process that the supervisor starts at boot and restarts when it ends. */
export interface ServiceSpec {
  /** Name of the service and of its folder: letters, digits, `.` and `-`. */
  name: string
  argv: readonly string[]
  cwd: string
  /** The whole environment. */
  env: Readonly<Record<string, string>>
  /** The user that a part of the server runs as; null: the supervisor's own user, or the one in `confinement`. */
  user: string | null
  /** Programs of an app must have one. */
  confinement?: Confinement
  /** Folder of its log, which holds 50 MB at most: what is full is compressed. */
  log: string
  /** Default: everything is written as it was said. */
  logRules?: LogRules
  /** Word before each line of the log, e.g. the release; without spaces. */
  tag: string
  /** Time from the stop signal to SIGKILL, in seconds. */
  graceSeconds: number
  /** The signal that tells it to end. Default: TERM. */
  stopSignal?: 'INT'
}

export interface ServiceState {
  name: string
  /** The process that runs now; null: none. */
  pid: number | null
  /** Whether it is meant to run. */
  wanted: boolean
  /** Seconds since the process started, or since it ended. */
  seconds: number
  /** The tag that it was defined with. */
  tag: string
  /** How often it ended without being told to, or was ended because something was wrong with it, since it was last defined. */
  crashes: number
}

/** The port to the supervisor, which keeps processes running even while the keeper does not run. */
export interface Supervisor {
  /** Defines a service, stopped; does nothing when the same definition exists. */
  define(spec: ServiceSpec): Promise<void>
  /** Starts a service, and from now on restarts it when it ends and at each boot. */
  start(name: string): Promise<void>
  /** Sends the stop signal to the whole process group, SIGKILL after the grace time. Resolves when all its processes have ended. `counted`: it counts as one that ended by itself. */
  stop(name: string, how?: { counted: boolean }): Promise<void>
  /** Of a service that is stopped: what masks its log ends too, also after a boot, until the service is started again. */
  rest(name: string): Promise<void>
  /** Ends a service and its supervising process, even when the supervision tree is gone. It starts again with the next tree. */
  end(name: string): Promise<void>
  /** Stops a service and removes its definition; its log stays. Does nothing when there is none. */
  remove(name: string): Promise<void>
  /** null: the service is not defined. */
  state(name: string): Promise<ServiceState | null>
  list(): Promise<string[]>
}
