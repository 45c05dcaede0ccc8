import type { AppConfig } from '../../config/config.ts'
import type { Home } from '../../config/home.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Sources } from '../../kernel/source.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { AppStore } from '../app/store.ts'
import type { Probe } from '../checks/health.ts'
import type { AppDatabase, ClusterLife, DatabaseNames } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'
import type { Room } from '../releases/rule.ts'
import type { Runner } from '../releases/runner.ts'
import type { Runtimes } from '../releases/runtimes.ts'
import type { ReleaseStore } from '../releases/store.ts'

/** Where apps and releases are written down, and where their folders are. */
export interface Records {
  home: Home
  apps: AppStore
  releases: ReleaseStore
}

/** How a program of an app is run. */
export interface Programs {
  run: Runner
  runtimes: Runtimes
  /** What a program of the app is held to. `inside`: where it must start; `name`: of the service, or of the work; `port`: where the edge is to ask it. */
  confined(app: string, at: { inside: string; name: string; port?: number | null }): Promise<Confinement>
  /** Reads what an app's source and builds left. */
  source: Sources
  /** What builds and apps need to reach the network: proxies and certificates. */
  network: Readonly<Record<string, string>>
  systemPath: string
}

/** The user of an app. */
export interface Accounts {
  /** The user that an app runs as; null: ours. */
  account(app: string): Promise<Account | null>
  /** Kills every process of the app's user; nothing happens when that is ours. */
  endProcesses(app: string): Promise<void>
  /** Takes away the user that was made for the app; nothing happens when there is none. */
  removeAccount(app: string): Promise<void>
}

/** Who listens where. */
export interface Sockets {
  probe: Probe
  /** Called after ports were given out or given back. From then on only the right user answers on each port. */
  holdPorts(): Promise<void>
  /** Ports that a process and its children listen on; `open`: on more than loopback. */
  listening(pid: number): Promise<Array<{ port: number; open: boolean }>>
  /** Whether nobody listens there. */
  isFree(port: number): Promise<boolean>
}

/** What keeps the data of an app safe while its release changes. */
export interface DataGuards {
  /** What a person should know before anything changes: that there is no good backup. */
  warnings(): Promise<string[]>
  /** Addresses of places for backups that this app would add to those of the server. */
  newPlaces(app: {
    app: string
    config: AppConfig
    secrets: Readonly<Record<string, string>>
  }): Promise<string[]>
  /** Names this moment of the database, so that it can be returned to. */
  mark(point: { point: string; app: string }): Promise<void>
  /** From then on each commit waits until it is in this folder; null: commits no longer wait. Failure `rpo.elsewhere`, `rpo.receiver`, `backup.place`. */
  receive(
    wish: { app: string; folder: { name: string; path: string } | null },
    signal: AbortSignal,
  ): Promise<void>
  /** As the releases that serve ask for it. */
  receiveAsAsked(): Promise<void>
}

/** Folders, and whose they are. */
export interface Trees {
  unpack(archive: string, target: string): Promise<{ files: number; bytes: number }>
  /** A folder of root's. */
  folder(path: string, mode?: number): Promise<void>
  /** Gives away a tree that no app has reached yet. */
  own(path: string, account: Account | 'root' | null): Promise<void>
  /** A folder with this owner and mode, and not what is in it. */
  give(path: string, account: Account | null, mode: number): Promise<void>
  /** An app's own /tmp, in which the home can be covered. */
  temporary(path: string, home: string): Promise<void>
  remove(path: string): Promise<void>
}

/** What is in folders. */
export interface Texts {
  write(path: string, content: string, mode?: number): Promise<void>
  exists(path: string): Promise<boolean>
  size(path: string): Promise<number>
  /** The last lines that were written under this tag, from a log folder's newest file. */
  logTail(folder: string, tag: string, lines: number): Promise<string>
}

/** The server that a release is brought to. */
export interface Machine {
  supervisor: Supervisor
  clock: Clock
  files: Trees & Texts
  room(): Promise<Room>
  /** A strong random text of letters and digits. */
  random(length: number): string
  /** The app's database at a URL, for as long as `work` takes. */
  database<T>(url: string, work: (query: Query) => Promise<T>): Promise<T>
}

/** What it takes to say how one instance is run. */
export type SpecPorts = Records & Omit<Programs, 'run'>

/** What it takes to start and stop instances, and to see that they are ready. */
export type InstancePorts = SpecPorts & Sockets & Pick<Machine, 'supervisor' | 'clock'> & { files: Texts }

/** Everything outside that the steps of a deploy touch; each performer asks for its own part. */
export interface DeployPorts extends Records, Programs, Accounts, Sockets, DataGuards, Machine {
  edge: Edge
  cluster: ClusterLife & AppDatabase & Pick<DatabaseNames, 'superuser' | 'databases' | 'dropDatabase'>
}
