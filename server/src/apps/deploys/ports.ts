import type { AppConfig } from '../../config/config.ts'
import type { Home } from '../../config/home.ts'
import type { Cluster } from '../../data/databases/cluster.ts'
import type { Query } from '../../data/databases/migrations.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Sources } from '../../kernel/source.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { Account } from '../app/account.ts'
import type { Confinement } from '../app/confinement.ts'
import type { AppStore } from '../app/store.ts'
import type { Probe } from '../checks/health.ts'
import type { Room } from '../releases/rule.ts'
import type { Runner } from '../releases/runner.ts'
import type { Runtimes } from '../releases/runtimes.ts'
import type { ReleaseStore } from '../releases/store.ts'

/** Everything outside that the steps of a deploy touch. */
export interface DeployPorts {
  home: Home
  apps: AppStore
  releases: ReleaseStore
  supervisor: Supervisor
  edge: Edge
  cluster: Cluster
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
  /** Each commit waits for this folder from now on, or no more. Failure `rpo.elsewhere`, `rpo.receiver`, `backup.place`. */
  receive(
    wish: { app: string; folder: { name: string; path: string } | null },
    signal: AbortSignal,
  ): Promise<void>
  /** As the releases that serve ask for it. */
  receiveAsAsked(): Promise<void>
  probe: Probe
  clock: Clock
  run: Runner
  runtimes: Runtimes
  /** The app's database at a URL, for as long as `work` takes. */
  database<T>(url: string, work: (query: Query) => Promise<T>): Promise<T>
  /** After ports were given out or given back: from now on only their own users answer there. */
  holdPorts(): Promise<void>
  /** Kills every process of the app's user; nothing happens when that is ours. */
  endProcesses(app: string): Promise<void>
  /** Takes away the user that was made for the app; nothing happens when there is none. */
  removeAccount(app: string): Promise<void>
  /** The user that an app runs as; null: ours. */
  account(app: string): Promise<Account | null>
  /** What a program of the app is held to. `inside`: where it must start; `name`: of the service, or of the work; `port`: where the edge is to ask it. */
  confined(app: string, at: { inside: string; name: string; port?: number | null }): Promise<Confinement>
  /** Reads what an app's source and builds left. */
  source: Sources
  /** A strong random text of letters and digits. */
  random(length: number): string
  room(): Promise<Room>
  /** Ports that a process and its children listen on; `open`: on more than loopback. */
  listening(pid: number): Promise<Array<{ port: number; open: boolean }>>
  /** Whether nobody listens there. */
  isFree(port: number): Promise<boolean>
  files: {
    unpack(archive: string, target: string): Promise<{ files: number; bytes: number }>
    /** A folder of root's. */
    folder(path: string, mode?: number): Promise<void>
    /** Gives away a tree that no app has reached yet. */
    own(path: string, account: Account | 'root' | null): Promise<void>
    /** A folder with this owner and mode, and not what is in it. */
    give(path: string, account: Account | null, mode: number): Promise<void>
    /** An app's own /tmp, in which the home can be covered. */
    temporary(path: string, home: string): Promise<void>
    write(path: string, content: string, mode?: number): Promise<void>
    remove(path: string): Promise<void>
    exists(path: string): Promise<boolean>
    size(path: string): Promise<number>
    /** The last lines that were written under this tag, from a log folder's newest file. */
    logTail(folder: string, tag: string, lines: number): Promise<string>
  }
  /** What builds and apps need to reach the network: proxies and certificates. */
  network: Readonly<Record<string, string>>
  systemPath: string
}
