import type { AppHome, Home } from '../../config/home.ts'
import type { Account } from './account.ts'

/** With which rights a program of an app runs: a service, a build, a release step, `inn run`, a drill. */
export interface Confinement {
  /** The user that it runs as; null: the keeper's own user, because without root there is no other. */
  user: Account | null
  /** The home of this Innkeeper. The program does not see it, except the folders in `shown`. */
  home: string
  /** Folders of the home that the program sees, with their usual permissions. */
  shown: readonly string[]
  /** The folder that the program sees as /tmp and /var/tmp. */
  tmp: string
  /** The working directory must lie in this folder, after symbolic links are resolved. */
  inside: string
  limits: Limits
  /** Its control group, by which every process that it starts can be ended, also daemons; null: this machine has none. */
  cgroup: string | null
  /** The gate is opened as soon as a process of its own user listens on the port; null: it takes no requests. */
  gate: Gate | null
}

/** A file that belongs to root. The edge sends requests to the port only while the file exists. */
export interface Gate {
  path: string
  port: number
}

export interface Limits {
  /** Open files of one process. */
  files: number
  /** Processes and threads of the user; all services of the app count together. */
  processes: number
  /** Bytes of memory of the control group; null: no limit. */
  memory: number | null
}

/** A Node.js service has about 12 threads: enough for 64 instances and a build, and a limit for a fork bomb. */
const PROCESSES = 4096
const FILES = 65_536

interface Wanted {
  home: Home
  app: string
  user: Account | null
  inside: string
  /** Path of the program's control group; null: there are none on this machine. */
  cgroup: string | null
  memory?: number | null
  gate?: Gate | null
}

/** The confinement that every program of an app gets. */
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
