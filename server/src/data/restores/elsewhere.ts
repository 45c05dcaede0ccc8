import type { Counted } from '../backups/point.ts'

interface DumpOrder {
  /** URL of the database that is filled or read. */
  url: string
  /** Path of the dump. */
  file: string
  /** Scratch folder for as long as the work takes. */
  scratch: string
  signal: AbortSignal
}

/**
 * Port to a database on a server that Innkeeper does not run, with the rights of the role in its URL. URLs contain
 * passwords. Every method may fail with `database.unreachable`.
 */
export interface Elsewhere {
  /** Checks that the role may do all that the other methods need. `bytes`: the database's size. Failure `restore.server`, `restore.rights`. */
  check(url: string): Promise<{ bytes: number }>
  /** Checks that the server can load the dump. Failure `restore.version`, `restore.dump`. */
  fits(url: string, file: string): Promise<string>
  /** Creates an empty database beside it, with the same owner, locale, settings and rights. When it exists, it is emptied. */
  beside(url: string, name: string): Promise<void>
  /** Loads the dump into an empty database. Failure `restore.load`. */
  load(order: DumpOrder): Promise<void>
  /** Counts what the dump and the database hold, table by table. Failure `restore.compare`. */
  compare(order: DumpOrder): Promise<{ dump: Record<string, Counted>; database: Record<string, Counted> }>
  /**
   * Renames the database of the URL to `aside` and `fresh` to its name: both or neither. Ends all sessions of both. Does
   * nothing when it was done already. Failure `restore.gone`: neither database is there. Failure `restore.swap`.
   */
  swap(url: string, names: { fresh: string; aside: string }): Promise<void>
  /** Deletes a database beside it; does nothing when it does not exist. Failure `restore.swap`. */
  drop(url: string, name: string): Promise<void>
}
