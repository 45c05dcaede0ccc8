import type { Confinement } from '../confinement/confinement.ts'

/** A long-running process as the supervisor keeps it: started at boot, started again when it ends. */
export interface ServiceSpec {
  /** Also the folder's name: letters, digits, `.` and `-`. */
  name: string
  argv: readonly string[]
  cwd: string
  /** The whole environment. */
  env: Readonly<Record<string, string>>
  /** The user that a part of the server runs as; null: as whoever supervises, or as the confinement says. */
  user: string | null
  /** Every program of an app has one. */
  confinement?: Confinement
  /** Folder of its log, rotated at 10 files of 5 MB. */
  log: string
  /** Stands before each line of the log, e.g. the release; no spaces. */
  tag: string
  /** From SIGTERM to SIGKILL, in seconds. */
  graceSeconds: number
}

export interface ServiceState {
  name: string
  /** What runs now. */
  pid: number | null
  /** Whether it is meant to run. */
  wanted: boolean
  /** Seconds since it started, or since it went down. */
  seconds: number
  /** As it was defined with. */
  tag: string
  /** Times that it ended without being told to, since it was last defined. */
  crashes: number
}

/** The port to what keeps processes running, whether the keeper lives or not. */
export interface Supervisor {
  /** Writes the service down, stopped; nothing happens when it is there already and alike. */
  define(spec: ServiceSpec): Promise<void>
  /** Starts it, and again whenever it ends and at each boot. */
  start(name: string): Promise<void>
  /** SIGTERM to its whole process group, SIGKILL after the grace; resolves when nothing of it is left. */
  stop(name: string): Promise<void>
  /** Ends it with whoever supervises it, whose parent may be gone; it starts again with the next tree. */
  end(name: string): Promise<void>
  /** Stops it and forgets its definition; its log stays. Nothing happens when there is none. */
  remove(name: string): Promise<void>
  /** null: not defined. */
  state(name: string): Promise<ServiceState | null>
  list(): Promise<string[]>
}
