import type { AppHome, Home } from '../../config/home.ts'
import type { Account } from './account.ts'

/** With which rights a program of an app runs: a service, a build, a release step, `inn run`, a drill. */
export interface Confinement {
  /** The user that it runs as; null: the keeper's own user, because without root there is no other. */
  user: Account | null
  /** Hidden from it, but for what is `shown`. */
  home: string
  /** Folders of the home that it sees, with the permissions that they have. */
  shown: readonly string[]
  /** The folder that it sees as /tmp and /var/tmp. */
  tmp: string
  /** Where the folder that it starts in must lie, links resolved. */
  inside: string
  limits: Limits
  /** Its control group, by which every process that it starts can be ended, also daemons; null: this machine has none. */
  cgroup: string | null
  /** The gate is opened as soon as a process of its own user listens on the port; null: it takes no requests. */
  gate: Gate | null
}

/** A file of root's: as long as it is there, the edge sends requests to the port. */
export interface Gate {
  path: string
  port: number
}

export interface Limits {
  /** Open files of one process. */
  files: number
  /** Processes and threads of the user, all services together. */
  processes: number
  /** Bytes of memory of the control group; null: no limit. */
  memory: number | null
}

/** A Node.js service has about 12 threads: room for a build beside 64 instances, and an end for a fork that never stops. */
export const PROCESSES = 4096
const FILES = 65_536

interface Wanted {
  home: Home
  app: string
  user: Account | null
  inside: string
  /** Path of its control group. */
  cgroup: string | null
  memory?: number | null
  gate?: Gate | null
}

/** What every program of an app is held to. */
export function confinement({
  home,
  app,
  user,
  inside,
  cgroup,
  memory = null,
  gate = null,
}: Wanted): Confinement {
  const own: AppHome = home.app(app)
  return {
    user,
    home: home.root,
    shown: [own.root, home.runtimes],
    tmp: own.tmp,
    inside,
    limits: { files: FILES, processes: PROCESSES, memory },
    cgroup,
    gate,
  }
}
