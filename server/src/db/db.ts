import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { type Cipher, PLAIN } from '../kernel/cipher.ts'
import { migrate } from './migrations.ts'
import type { Tables } from './schema.ts'

/** The keeper's own store: one SQLite file. `raw`: for the journal, whose writes must be synchronous. */
export interface Store {
  raw: DatabaseSync
  sql: Kysely<Tables>
  /** What encrypts the secrets in it. */
  cipher: Cipher
  close(): Promise<void>
}

/**
 * Of 4 KB. What is written lies in the log beside the file until then, and whoever writes the last of these waits until
 * all of them are in the file: milliseconds, which with SQLite's own 1,000 pages one message of an app in a hundred took.
 */
const CHECKPOINT_PAGES = 4_000

/** Opens the file (or `:memory:`) and migrates its tables. Every commit survives a power cut. `cipher`: needed by whoever asks for secrets. */
export function openStore(path: string, cipher: Cipher = path === ':memory:' ? PLAIN : NO_KEY): Store {
  if (path !== ':memory:') makePrivate(path)
  const raw = new DatabaseSync(path)
  raw.exec(
    'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000; pragma secure_delete = on',
  )
  raw.exec(`pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  migrate(raw)
  const sql = new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(raw) }) })
  return { raw, sql, cipher, close: () => sql.destroy() }
}

const noKey = async (): Promise<never> => {
  throw new Error('this store was opened without its key')
}
const NO_KEY: Cipher = { encrypt: noKey, decrypt: noKey }

/** Creates the file with mode 0600: it contains secrets, and everybody may enter its folder. SQLite gives its side files the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

/** Statements that stay prepared: the keeper asks some fifty questions again and again, and SQLite takes longer to read one than to answer it. */
const PREPARED = 100

/** Adapts node:sqlite to Kysely's dialect for better-sqlite3, from which it differs in two names. */
function adapt(raw: DatabaseSync) {
  const known = new Map<string, ReturnType<typeof prepared>>()
  return {
    close: () => raw.close(),
    prepare(text: string) {
      const statement = known.get(text) ?? prepared(raw, text)
      // The one that was not used for the longest time is the first.
      known.delete(text)
      known.set(text, statement)
      if (known.size > PREPARED) known.delete(known.keys().next().value!)
      return statement
    },
  }
}

const NOTHING = { changes: 0, lastInsertRowid: 0 }

function prepared(raw: DatabaseSync, text: string) {
  const statement = raw.prepare(text)
  return {
    reader: statement.columns().length > 0,
    all: (values: readonly unknown[]) => statement.all(...(values as SQLInputValue[])),
    run(values: readonly unknown[]) {
      // Where the disk is full, SQLite has taken the transaction back already, and the reason must not be lost.
      if (text === 'rollback' && !raw.isTransaction) return NOTHING
      return statement.run(...(values as SQLInputValue[])) as typeof NOTHING
    },
    iterate: (values: readonly unknown[]) => statement.iterate(...(values as SQLInputValue[])),
  }
}
