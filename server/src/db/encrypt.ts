import { ENCRYPTED_BEGIN } from '../kernel/cipher.ts'
import { Failure } from '../kernel/failure.ts'
import type { Store } from './db.ts'
import type { Tables } from './schema.ts'

/** Columns that hold secrets. What reads or writes one of them does it through the store's cipher. */
const ENCRYPTED = [
  ['setting', 'value'],
  ['release', 'env'],
  ['certificate', 'key'],
  ['channel', 'secret'],
  ['connection', 'secrets'],
] as const satisfies ReadonlyArray<readonly [keyof Tables, string]>

const ENCRYPTED_TEXT = `${ENCRYPTED_BEGIN}%`

/** Whether the store holds anything that only its key opens. */
export const hasEncrypted = ({ raw }: Store): boolean =>
  ENCRYPTED.some(
    ([table, column]) =>
      raw.prepare(`select 1 from ${table} where ${column} like ? limit 1`).get(ENCRYPTED_TEXT) !== undefined,
  )

/** The setting that is there while the file may still hold texts that were encrypted since. */
const UNDER_WAY = 'encrypting'

/**
 * Encrypts what an earlier version kept as it is, and leaves nothing of it in the file. May be cut at any point: the next
 * start goes on. What the store itself refuses (its disk is full, another program reads it) is told to `failed`.
 */
export async function encryptAll(store: Store, failed: (error: Error) => void): Promise<void> {
  try {
    await encryptRows(store)
    wipe(store)
  } catch (error) {
    if (error instanceof Failure) throw error
    failed(error as Error)
  }
}

async function encryptRows({ raw, cipher }: Store): Promise<void> {
  const begin = raw.prepare(`insert into setting (name, value) values (?, '') on conflict do nothing`)
  for (const [table, column] of ENCRYPTED) {
    const rows = raw
      .prepare(
        `select rowid as id, ${column} as text from ${table} where ${column} <> '' and ${column} not like ?`,
      )
      .all(ENCRYPTED_TEXT) as Array<{ id: number; text: string }>
    if (rows.length > 0) begin.run(UNDER_WAY)
    for (const { id, text } of rows) {
      const encrypted = await cipher.encrypt(text)
      raw
        .prepare(`update ${table} set ${column} = ? where rowid = ? and ${column} = ?`)
        .run(encrypted, id, text)
    }
  }
}

/** Writes the file anew without its free pages, which still hold the texts, and empties its side file. */
function wipe({ raw }: Store): void {
  if (raw.prepare('select 1 from setting where name = ?').get(UNDER_WAY) === undefined) return
  raw.exec('vacuum')
  const { busy } = raw.prepare('pragma wal_checkpoint(truncate)').get() as { busy: number }
  if (busy !== 0) throw new Error('another program reads the store')
  raw.prepare('delete from setting where name = ?').run(UNDER_WAY)
}
