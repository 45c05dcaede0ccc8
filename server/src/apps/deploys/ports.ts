import type { AppConfig } from '../../config/config.ts'
import type { Home } from '../../config/home.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Source, Sources } from '../../kernel/source.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { Account } from '../../servers/confinement/account.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { Awake } from '../app/awake.ts'
import type { AppStore } from '../app/store.ts'
import type { Probe } from '../checks/health.ts'
import type { AppDatabase, ClusterLife, Clusters } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'
import type { Poolers } from '../databases/pooling.ts'
import type { Transfer } from '../masks/transfer.ts'
import type { Provider } from '../references/ports.ts'
import type { Room } from '../releases/rule.ts'
import type { Runner } from '../releases/runner.ts'
import type { Runtimes } from '../releases/runtimes.ts'
import type { Carried, Carrying, Seals, Sharing } from '../releases/sealed.ts'
import type { ReleaseStore } from '../releases/store.ts'
import type { TemplateStore } from '../templates/store.ts'
import type { Renderer } from '../templates/template.ts'
import type { NextRun } from './protection.ts'

/** The stores of apps and releases, and where their folders are. */
export interface Records {
  home: Home
  apps: AppStore
  releases: ReleaseStore
}

/** How a program of an app is run. */
export interface Programs {
  run: Runner
  runtimes: Runtimes
  /** The confinement of a program. `inside`: its working directory must lie there; `name`: its service or kind of work; `port`: where the edge sends requests. */
  confined(app: string, at: { inside: string; name: string; port?: number | null }): Promise<Confinement>
  /** Reads files that come from an app: its source, and what builds left. */
  source: Sources
  /** What builds and apps need to reach the network: proxies and certificates. */
  network: Readonly<Record<string, string>>
  systemPath: string
}

/** The user of an app. */
export interface Accounts {
  /** The user that an app runs as; null: the keeper's own user. */
  account(app: string): Promise<Account | null>
  /** Ends the jobs of an app, and kills every process of its user where that is not the keeper's own. */
  endProcesses(app: string): Promise<void>
  /** Removes the user that was made for the app; does nothing when there is none. */
  removeAccount(app: string): Promise<void>
}

/** Which ports are listened on, and by whom. */
export interface Sockets {
  probe: Probe
  /** Called after ports were given out or given back. From then on only the right user answers on each port. */
  holdPorts(): Promise<void>
  /** Ports that a process and its children listen on; `open`: also beyond loopback. */
  listening(pid: number): Promise<Array<{ port: number; open: boolean }>>
  /** How many connections there are to a port of this machine. */
  connections(port: number): Promise<number>
  /** Whether nobody listens there. */
  isFree(port: number): Promise<boolean>
}

export interface Judging {
  app: string
  config: AppConfig
  upload: string | null
  tree: Source | null
  warn: boolean
}

/** What keeps the data of an app safe while its release changes. */
export interface DataGuards {
  /** Warnings for a person before anything of this app changes: there is no good backup. */
  warnings(app: string): Promise<string[]>
  /**
   * What a person should know of the migrations that a source brings, before they run. `warn`: also where it would be
   * refused. `upload` and `tree` null: the source is not known yet. Failure `lint.refused`.
   */
  judged(source: Judging): Promise<string[]>
  /** Addresses of places for backups that this app would add to those of the server. */
  newPlaces(app: {
    app: string
    config: AppConfig
    secrets: Readonly<Record<string, string>>
  }): Promise<string[]>
  /** Gives this moment of the database a name, so that a restore can return to it. */
  mark(point: { point: string; app: string }): Promise<void>
  /** From then on each commit of the app waits until it is in this folder; null: commits no longer wait. Failure `rpo.receiver`, `backup.place`. */
  receive(
    wish: { app: string; folder: { name: string; path: string } | null },
    signal: AbortSignal,
  ): Promise<void>
  /** Sets it back to what the app's release that serves asks for. */
  receiveAsAsked(app: string): Promise<void>
  /** The data of the app was deleted, so its restore points count no more: a new database of that name begins with none. */
  dataRemoved(app: string): Promise<void>
}

/** Folders and their owners. */
export interface Trees extends Seals {
  unpack(archive: string, target: string): Promise<{ files: number; bytes: number }>
  /** A digest of the files of an archive, without the one that is named. */
  digest(archive: string, without: string): Promise<string>
  /** A digest of what decides which packages an install in this folder of an archive brings. */
  packagesDigest(archive: string, folder: string): Promise<string>
  /** Makes a folder that belongs to root. */
  folder(path: string, mode?: number): Promise<void>
  /** Changes the owner of a whole tree, which no app must have been able to reach before. */
  own(path: string, account: Account | 'root' | null): Promise<void>
  /** Makes a folder with this owner and mode; what is in it stays as it is. */
  give(path: string, account: Account | null, mode: number): Promise<void>
  /** Makes an app's own /tmp, with the folder in it over which the home can be hidden. */
  temporary(path: string, home: string): Promise<void>
  remove(path: string): Promise<void>
  /** Stores equal package files of two releases once, empties the caches of idle ones, and returns how many bytes of the newer release are stored once. Failure `release.share`. */
  share(sharing: Sharing): Promise<number>
  /** Gives files that several of these releases have in common to root, after all of them were given to the app. */
  protect(releases: string, account: Account | null): Promise<void>
  /** Copies the sealed files of one app's release into another app's. Failure `release.carried`. */
  carry(carrying: Carrying): Promise<Carried>
  /** Whether what was copied before is the sealed files, and nothing else. */
  carried(carrying: Carrying): Promise<Carried>
  rename(from: string, to: string): Promise<void>
  /** Bytes that each of these trees adds on the disk to those before it. */
  sizes(paths: readonly string[]): Promise<number[]>
}

/** Reads and writes files. */
export interface Texts {
  write(path: string, content: string, mode?: number): Promise<void>
  exists(path: string): Promise<boolean>
  size(path: string): Promise<number>
  /** The last lines that carry this tag, from the newest file of a log folder. */
  logTail(folder: string, tag: string, lines: number): Promise<string>
}

/** What the server provides: supervision, time, chance, connections to databases. */
export interface Machine {
  /** What Prometheus says against these rules of an app; null: nothing, or nothing is measured here. */
  alertsProblem(app: string, alerts: AppConfig['alerts']): Promise<string | null>
  /** Templates of messages: what is wrong with those of a source, and keeping them for when it serves. */
  templates: Pick<Renderer, 'check'> & Pick<TemplateStore, 'keep'>
  /** The channels by which an app may write to people. */
  granted(app: string): Promise<string[]>
  /** The channels by which this server tells what is wrong. */
  channels(): Promise<string[]>
  supervisor: Supervisor
  nextRun: NextRun
  poolers: Pick<Poolers, 'version' | 'reload'>
  /** Runs commands that say the value of a secret. */
  provider: Provider
  clock: Clock
  files: Trees & Texts
  room(): Promise<Room>
  /** A strong random text of letters and digits. */
  random(length: number): string
  /** The address that a job of an app calls, where the keeper answers on loopback. */
  checkinUrl(token: string): string
  /** Releases of an app in which its jobs run at this moment. */
  jobReleases(app: string): Promise<string[]>
  /** Moves what is in one app's database into another's. */
  transfer: Transfer
  awake: Pick<Awake, 'during'>
  /** Connects to the app's database at a URL, for as long as `work` takes. */
  database<T>(url: string, work: (query: Query) => Promise<T>): Promise<T>
}

/** What it takes to say how one instance is run. */
export type SpecPorts = Records & Omit<Programs, 'run'>

/** What it takes to start and stop instances, and to see that they are ready. */
export type InstancePorts = SpecPorts &
  Sockets &
  Pick<Machine, 'clock'> & {
    supervisor: Pick<Supervisor, 'state' | 'define' | 'start' | 'stop'>
    files: Pick<Texts, 'exists' | 'logTail'>
  }

/** Everything outside that the steps of a deploy touch; each performer asks for its own part. */
export interface DeployPorts extends Records, Programs, Accounts, Sockets, DataGuards, Machine {
  edge: Edge
  clusters: Clusters<ClusterLife & AppDatabase>
}
