import type { Secret } from '../../kernel/secret.ts'
import type { Query } from './migrations.ts'
import type { Sizes } from './sizing.ts'

/** What one app gets in its cluster. */
export interface DatabaseAccess {
  host: string
  port: number
  name: string
  /** The role that runs migrations and owns everything in the database. */
  owner: { user: string; password: Secret }
  /** The role of the app: it reads and writes rows, and no more. */
  app: { user: string; password: Secret }
}

/** Where a cluster is and listens, for tools that work with it. */
export interface ClusterPlace {
  major: number
  /** Folder of its programs. */
  bin: string
  data: string
  socketFolder: string
  port: number
  /** The superuser. `passFile`: the file with its password, in the format of `.pgpass`. */
  user: string
  passFile: string
}

/** A role at a server, never its superuser: tools outside of the server sign in as this role. */
export interface Login extends Pick<ClusterPlace, 'bin' | 'socketFolder' | 'port'> {
  user: string
  password: Secret
}

/** How to connect as the owner of an app's database. */
export interface OwnerOrder {
  /** Name of another database with the same owner; default: the app's own. */
  database?: string
  /** Milliseconds. The session is ended when a statement takes longer, whatever it does. Default: no limit. */
  longestMs?: number
}

/** The cluster's heartbeat, written every few seconds. The last one in a restored copy shows which moment the copy reached. */
export interface Beat {
  /** When it was written or looked at: milliseconds since 1970, by the clock of the database. */
  at: number
  /** WAL segment that is written at that moment. */
  segment: string
  /** Whether finished segments are archived at all. */
  archiving: boolean
  /** Finished segments that wait to be archived. */
  waiting: number
  archivedAt: number | null
  archivedSegment: string | null
  /** When archiving last failed, if nothing was archived since; null: it works. */
  failingSince: number | null
  /** Whether commits wait for `receive`. */
  synchronous: boolean
  /** Whether the receiver of the streamed WAL keeps up now. */
  receiving: boolean
}

/** A named moment in the write-ahead log. */
export interface Mark {
  at: number
  segment: string
  /** Position in the WAL right after the name. */
  end: number
}

/** Whether the cluster exists and runs, and where. */
export interface ClusterLife {
  /**
   * Creates and starts the cluster, and waits until it is ready; does nothing when it runs. `major`: of PostgreSQL; default:
   * the newest that is installed, for a new cluster. Failure `database.major`: it is another one, or is not installed.
   */
  ensure(signal?: AbortSignal, major?: number): Promise<void>
  /** The port that it listens on, which never changes; null before the cluster was created. */
  port(): Promise<number | null>
  /** Whether it takes new connections, as it says itself. Cheap enough to be asked for every status. */
  accepts(): Promise<boolean>
  /** null before the cluster was created. `since`: when it was created, in milliseconds since 1970. */
  place(): Promise<(ClusterPlace & { since: number }) | null>
  /** Where the cluster is or will be, also while its files are gone or not recovered yet; null: no cluster is known. */
  expected(): Promise<ClusterPlace | null>
  /** Stops the cluster and deletes it, with all that restores have put aside. Does nothing when there is none. */
  remove(): Promise<void>
}

/** Provides the database of the app and connects to it. */
export interface AppDatabase {
  /** Creates or updates the database, roles and connection limits. `connections`: for each of the two colours. */
  provide(access: DatabaseAccess, connections: number): Promise<void>
  /** Limits how long a statement of a release step, and its wait for a lock, may take. Called before the release step. */
  limits(access: DatabaseAccess, limits: { lockMs: number; statementMs: number }): Promise<void>
  /** Sessions that block others now, as sentences: who blocks whom. */
  blockers(database: string): Promise<string[]>
  /** The session of a role for which sessions of other roles wait, and for how long; null: nobody waits. */
  waitedFor(
    database: string,
    role: string,
  ): Promise<{ pid: number; sessions: number; ms: number; statement: string } | null>
  /** Cancels the statement of a session, if it is still one of this role. */
  cancel(pid: number, role: string): Promise<void>
  /**
   * Connects as the owner of the app's database, for as long as `work` takes. Objects of an app are read and written
   * only as this role. Failure `database.unreachable`.
   */
  owner<T>(access: DatabaseAccess, order: OwnerOrder, work: (query: Query) => Promise<T>): Promise<T>
  /**
   * Connects as superuser to the database `postgres`, which no app can enter, for as long as `work` takes. It is for
   * catalogs and roles, and never reads what an app could have prepared.
   */
  superuser<T>(work: (query: Query) => Promise<T>): Promise<T>
}

/**
 * The files of a cluster are not where they belong, and what its server does. `stopped`: it was told to stop. `ended`: it
 * tries to start, in vain. `runs`: on files that were deleted. `elsewhere`: on files that were moved to this folder. `waits`:
 * it was never started here, because the recovery of the whole server has not come to it.
 */
export type Loss = { server: 'stopped' | 'ended' | 'runs' | 'waits' } | { server: 'elsewhere'; data: string }

/** Exchanges the files of the cluster. The paths are of data folders on the same disk. */
export interface ClusterFiles {
  /** null: the files are there, or there never was a cluster. */
  loss(): Promise<Loss | null>
  /** Stops a server that runs on files that were deleted; does nothing otherwise. */
  endLost(): Promise<void>
  /** Where the files lie that a restore puts aside under this name. */
  asidePath(name: string): string
  /**
   * Stops the cluster, renames its data folder to `aside` and `fresh` to its place, and starts it again. Goes on where an
   * earlier call was cut off, and does nothing when it was done. `timeline`: files that served before begin a new
   * timeline, so that the newest timeline in the archive is always the one that serves.
   */
  swap(names: { fresh: string; aside: string; timeline: 'new' | 'own' }): Promise<void>
  /** Files of the write-ahead log of a data folder that was stopped, which were not archived yet, oldest first. */
  unarchived(data: string): Promise<string[]>
  /** Writes all that is in memory to the disk, so that the stop takes no time. */
  checkpoint(): Promise<void>
}

/** The write-ahead log: heartbeat, named moments, and streaming to a second place. */
export interface WriteAheadLog {
  /** Writes the heartbeat row. */
  beat(): Promise<Beat>
  /** Writes it when anybody wrote since the last one, or when that is three minutes old. Else it only looks. */
  watch(): Promise<Beat>
  /** Gives this moment a name in the write-ahead log, and lets its segment be archived at once. */
  mark(name: string): Promise<Mark>
  /** Position up to which the write-ahead log is written. It grows with every change. */
  written(): Promise<number>
  /**
   * Streams the write-ahead log into this folder. Resolves when every commit waits until its WAL is written there. null:
   * commits wait no more, and the streamed files are removed. May be called at any time. Failure `rpo.receiver`.
   */
  receive(folder: string | null, signal?: AbortSignal): Promise<void>
  /** The folder that the write-ahead log is streamed to; null: none. */
  receivedAt(): Promise<string | null>
}

/** How the cluster is fitted to the machine. */
export interface Fitted {
  /** The settings that its next start gives it, for the machine as it is now. */
  wanted(): Promise<{ sizes: Sizes; settings: Readonly<Record<string, string>> }>
  /** Starts it anew with these settings. Whoever is connected is cut off, and may come back a moment later. */
  restart(signal?: AbortSignal): Promise<void>
}

/** The PostgreSQL cluster of one app. Code that needs a part of it takes only the interface of that part. */
export interface Cluster extends ClusterLife, AppDatabase, ClusterFiles, WriteAheadLog, Fitted {}

/** The clusters of a home: one for each app with a database that Innkeeper runs. */
export interface Clusters<C = Cluster> {
  of(app: string): C
  /** Apps that have a cluster, or had one whose files are gone. */
  apps(): Promise<string[]>
}

/** The login of the owner of the app's database. */
export const ownerAt = (place: ClusterPlace, { owner }: DatabaseAccess): Login => ({
  bin: place.bin,
  socketFolder: place.socketFolder,
  port: place.port,
  ...owner,
})

export const databaseUrl = (access: DatabaseAccess, as: 'app' | 'owner'): string => {
  const { user, password } = access[as]
  return `postgresql://${user}:${encodeURIComponent(password.reveal())}@${access.host}:${access.port}/${access.name}`
}
