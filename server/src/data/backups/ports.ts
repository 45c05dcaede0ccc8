import type { AppStore } from '../../apps/app/store.ts'
import type { Cluster } from '../../apps/databases/cluster.ts'
import type { ReleaseStore } from '../../apps/releases/store.ts'
import type { Home } from '../../config/home.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { BucketPlace, Place } from '../places/place.ts'
import type { Policy } from '../places/policy.ts'
import type { Physical } from '../repositories/physical.ts'
import type { Finding, Instead, Snapshots } from '../repositories/snapshots.ts'
import type { Span } from './due.ts'
import type { PointStore } from './store.ts'

/** Whose backups these are, how they are to be kept, and where they are noted. */
export interface Keeping {
  /** Name of the app, or `keeper`. */
  app: string
  /** The restore points of this owner. */
  points: PointStore
  snapshots: Snapshots
  /** The policy that the releases that serve now ask for. */
  policy(): Promise<Policy>
  clock: Clock
}

/** What is known of places, and what makes them ready. */
export interface PlaceTools {
  /** Puts, reads, lists and deletes objects as a backup would. Returns what does not work as it must. */
  checkBucket(place: BucketPlace): Promise<Finding[]>
  /** How many findings the last verification of a place had; null: it was never verified. */
  verified: {
    note(place: Place, findings: number): Promise<void>
    last(place: Place): Promise<number | null>
  }
  /** Places that were ready once. */
  known: { has(place: Place): Promise<boolean>; add(place: Place): Promise<void> }
  /** Free bytes on the disk of a folder; null: the folder does not exist yet. */
  freeBytes(path: string): Promise<number | null>
}

/** Folders of the home, and what is in them. */
export interface Folders {
  home: Home
  files: {
    exists(path: string): Promise<boolean>
    folder(path: string, mode?: number): Promise<void>
    remove(path: string): Promise<void>
    /** Paths of all files below a folder; empty when the folder does not exist. */
    tree(path: string): Promise<string[]>
  }
}

/** What backups of one owner use: of an app, or of the keeper itself. */
export interface OwnerPorts extends Keeping, PlaceTools, Folders {}

/** Apps and their releases, as the keeper's store knows them. */
export interface Records {
  apps: AppStore
  releases: ReleaseStore
}

/** Into which empty folder the SQLite databases among the files of an app are copied. */
export interface SqliteOrder {
  app: string
  into: string
  signal: AbortSignal
}

/** What the data of an app is read from. */
export interface DataSources {
  cluster: Cluster
  physical: Physical
  /** The times whose commits are in no log, because the files of the cluster were lost; oldest first. */
  lost(): Promise<Span[]>
  /** The command that dumps the database at a URL, with pg_dump of that server's major. Failure `backup.pg-dump`. */
  dumpOf(url: string): Promise<{ argv: readonly string[]; env: Readonly<Record<string, string>> }>
  /** Does work with the database at a URL. The signal aborts when its server answers nobody for half a minute. Failure `database.unreachable`. */
  answering<T>(url: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Copies the SQLite databases among the files of an app, each as it was at one moment. Failure `backup.sqlite`. */
  sqliteCopies(order: SqliteOrder): Promise<Instead[]>
  /** Writes a snapshot of a Redis into a file, and checks the file. Failure `backup.redis`. */
  redisSnapshot(order: { port: number; password: string; file: string; signal: AbortSignal }): Promise<void>
}

/** What it takes to see what of an app is at its places, and to note it. */
export type AppKeeping = Keeping & Pick<DataSources, 'cluster' | 'physical' | 'lost'>

/** What backups of one app use; each performer takes its own part. */
export interface BackupPorts extends OwnerPorts, Records, DataSources {}

/** What backups of the keeper's own state use. */
export interface KeeperPorts extends OwnerPorts {
  /** Writes a consistent copy of the keeper's own state into a folder. */
  copyKeeper(into: string): Promise<void>
}

/** The ports of every owner. */
export interface BackupsPorts {
  apps: Pick<AppStore, 'all' | 'get'>
  of(app: string): BackupPorts
  keeper: KeeperPorts
}
