import type { Counted } from '../backups/point.ts'

interface DumpOrder {
  /** Of the database that is filled or read. */
  url: string
  /** The dump. */
  file: string
  /** Folder of our own, for as long as it takes. */
  scratch: string
  signal: AbortSignal
}

/**
 * Port to a database on a server that Innkeeper does not run, with the rights of its URL's own role. URLs hold passwords.
 * Failure of each: `database.unreachable`.
 */
export interface Elsewhere {
  /** Whether its role may do all that follows, and the bytes that it holds now. Failure `restore.server`, `restore.rights`. */
  check(url: string): Promise<{ bytes: number }>
  /** Whether its server can take the dump. Failure `restore.version`, `restore.dump`. */
  fits(url: string, file: string): Promise<string>
  /** An empty database beside it, with the same owner, locale, settings and rights. Emptied when it is there. */
  beside(url: string, name: string): Promise<void>
  /** Fills an empty database. Failure `restore.load`. */
  load(order: DumpOrder): Promise<void>
  /** What the dump holds, and what the database does, table by table. Failure `restore.compare`. */
  compare(order: DumpOrder): Promise<{ dump: Record<string, Counted>; database: Record<string, Counted> }>
  /**
   * `fresh` takes its place, and it is called `aside` from then on: both or neither. Ends all sessions of both. Nothing
   * happens when it is so already. Failure `restore.gone`: neither is there. Failure `restore.swap`.
   */
  swap(url: string, names: { fresh: string; aside: string }): Promise<void>
  /** Deletes a database beside it. Nothing happens when it is not there. Failure `restore.swap`. */
  drop(url: string, name: string): Promise<void>
}
