/** One process of this machine, at one moment. */
export interface Seen {
  pid: number
  ppid: number
  /** When it started, in clock ticks after boot. With the pid, it identifies a process. */
  start: number
  /** Clock ticks of a processor that it has used. */
  ticks: number
  /** Resident bytes that are its own, and those that it has in common with others. */
  ownBytes: number
  sharedBytes: number
  /** Of the program; 15 letters at most. */
  name: string
  /** The service of this home that it keeps alive; null: it is no such supervisor. */
  supervises: string | null
}

/** What one service, or all processes of one program, used. */
export interface Group {
  name: string
  /** `service`: of this home; `program`: anything else on this machine. */
  kind: 'service' | 'program'
  /** 1: one processor, all the time. */
  cpu: number
  /** Resident bytes; what several processes share counts once. */
  bytes: number
  processes: number
}

/** The port to the processes of the machine. */
export interface Processes {
  read(): Promise<Seen[]>
  /** Clock ticks in a second. */
  ticks: number
}
