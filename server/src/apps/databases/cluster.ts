import type { Secret } from '../../kernel/secret.ts'
import type { Query } from './migrations.ts'

/** What one app gets on the cluster that Innkeeper runs. */
export interface DatabaseAccess {
  host: string
  port: number
  name: string
  /** Runs migrations; owns everything. */
  owner: { user: string; password: Secret }
  /** Reads and writes rows, no more. */
  app: { user: string; password: Secret }
}

/** Where a cluster lies and listens: what tools that work beside it need. */
export interface ClusterPlace {
  major: number
  /** Folder of its programs. */
  bin: string
  data: string
  socketFolder: string
  port: number
  /** Superuser, and the file with its password in the format of `pgpass`. */
  user: string
  passFile: string
}

/** Somebody at a server: never its superuser. What tools that run beside it sign in as. */
export interface Login extends Pick<ClusterPlace, 'bin' | 'socketFolder' | 'port'> {
  user: string
  password: Secret
}

/** What the owner of a database asks for. */
export interface OwnerOrder {
  /** The app's own by default. */
  database?: string
  /** The session is ended when a statement takes longer, whatever it does; by default each may take any time. */
  longestMs?: number
}

/** The cluster's pulse, written every few seconds: the last one that a restored copy has is the moment that it reached. */
export interface Beat {
  /** Milliseconds since 1970, by the clock of the database. */
  at: number
  /** Segment of the write-ahead log that holds it. */
  segment: string
  /** Whether finished segments are kept at all. */
  archiving: boolean
  /** Finished segments that wait to be archived. */
  waiting: number
  archivedAt: number | null
  archivedSegment: string | null
  /** Of the last failure, when nothing was archived since. */
  failingSince: number | null
  /** Whether commits wait for `receive`. */
  synchronous: boolean
  /** Whether it is in step now. */
  receiving: boolean
}

/** A named moment in the write-ahead log. */
export interface Mark {
  at: number
  segment: string
  /** Position in the log right after the name. */
  end: number
}

/** One that its database's owner did not make: it takes a superuser. */
export interface Extension {
  name: string
  schema: string
}

/** The life of the cluster: whether it is there, and where. */
export interface ClusterLife {
  /** Makes, starts and awaits the cluster; nothing happens when it runs. */
  ensure(signal?: AbortSignal): Promise<void>
  /** The port it listens on, fixed for the life of the home; null before it was made. */
  port(): Promise<number | null>
  /** Whether it takes new connections, by what it says of itself; cheap enough for every look at the status. */
  accepts(): Promise<boolean>
  /** null before it was made. `since`: when it was made, milliseconds since 1970. */
  place(): Promise<(ClusterPlace & { since: number }) | null>
  /** Also before its files are there, where they are about to be recovered; null: nothing is known of one. */
  expected(): Promise<ClusterPlace | null>
}

/** The database of one app: what is provided for it, and how it is reached. */
export interface AppDatabase {
  /** Database, roles, rights and connection limits, as wanted. `connections` is for each of the two colours. */
  provide(access: DatabaseAccess, connections: number): Promise<void>
  /** Rights for the app's role on what migrations have made since. */
  grant(access: DatabaseAccess): Promise<void>
  /** Runs before a release step: how long a statement and its wait for a lock may take. */
  limits(access: DatabaseAccess, limits: { lockMs: number; statementMs: number }): Promise<void>
  /** Sessions that hold up others now: who blocks whom, as sentences. */
  blockers(database: string): Promise<string[]>
  /**
   * A connection signed in as the owner of the app's database, for as long as `work` takes: whatever an app has made
   * is read and written by its owner alone. Failure `database.unreachable`.
   */
  owner<T>(access: DatabaseAccess, order: OwnerOrder, work: (query: Query) => Promise<T>): Promise<T>
  /** Deletes database and roles, whoever is connected. Nothing happens when they are not there. */
  drop(access: DatabaseAccess): Promise<void>
}

/** Databases beside each other, and the one transaction in which two of them change places. */
export interface DatabaseNames {
  /**
   * An empty database for the app beside its own, with the same owner and rights, and with these extensions. Emptied
   * when it is there. Failure `restore.extension`.
   */
  beside(access: DatabaseAccess, name: string, extensions: readonly Extension[]): Promise<void>
  /**
   * `fresh` takes the place of the app's database, which from then on is called `aside`: both or neither. Ends all
   * sessions of both. Nothing happens when it is so already.
   */
  swap(access: DatabaseAccess, names: { fresh: string; aside: string }): Promise<void>
  /** Deletes a database by its name, whoever is connected. Nothing happens when it is not there. */
  dropDatabase(name: string): Promise<void>
  /** Names of all databases but those that every cluster has. */
  databases(): Promise<string[]>
  /**
   * A connection as superuser to the database `postgres`, which no app can enter, for as long as `work` takes: for
   * catalogs and roles. It never reads what an app could have prepared.
   */
  superuser<T>(work: (query: Query) => Promise<T>): Promise<T>
}

/** The write-ahead log: its pulse, its named moments, and where else it is streamed to. */
export interface WriteAheadLog {
  /** Writes the heartbeat row. */
  beat(): Promise<Beat>
  /** Names this moment in the write-ahead log and lets its segment be archived at once. */
  mark(name: string): Promise<Mark>
  /** Position up to which the write-ahead log is written: it grows with every change. */
  written(): Promise<number>
  /**
   * Streams the write-ahead log into this folder; resolves when every commit waits until it is there. null: no commit
   * waits any more, and what was streamed is removed. May be called at any time. Failure `rpo.receiver`.
   */
  receive(folder: string | null, signal?: AbortSignal): Promise<void>
  /** The folder that it is streamed to; null: none. */
  receivedAt(): Promise<string | null>
}

/** A PostgreSQL cluster of our own. Whoever needs a part of it asks for that part. */
export interface Cluster extends ClusterLife, AppDatabase, DatabaseNames, WriteAheadLog {}

/** The owner of the app's database, at its server. */
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
