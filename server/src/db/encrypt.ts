import { ENCRYPTED_BEGIN } from '../kernel/cipher.ts'
import type { Store } from './db.ts'
import type { Tables } from './schema.ts'

/** Columns that hold secrets. What reads or writes one of them does it through the store's cipher. */
const ENCRYPTED = [
  ['setting', 'value'],
  ['release', 'env'],
  ['certificate', 'key'],
  ['channel', 'secret'],
] as const satisfies ReadonlyArray<readonly [keyof Tables, string]>

const ENCRYPTED_TEXT = `${ENCRYPTED_BEGIN}%`

/** Whether the store holds anything that only its key opens. */
export const hasEncrypted = ({ raw }: Store): boolean =>
  ENCRYPTED.some(
    ([table, column]) =>
      raw.prepare(`select 1 from ${table} where ${column} like ? limit 1`).get(ENCRYPTED_TEXT) !== undefined,
  )

/** Encrypts what an earlier version kept as it is, and leaves nothing of it in the file. May be cut at any point, and done again. */
export async function encryptAll({ raw, cipher }: Store): Promise<void> {
  let changed = false
  for (const [table, column] of ENCRYPTED) {
    const rows = raw
      .prepare(
        `select rowid as id, ${column} as text from ${table} where ${column} <> '' and ${column} not like ?`,
      )
      .all(ENCRYPTED_TEXT) as Array<{ id: number; text: string }>
    for (const { id, text } of rows) {
      const encrypted = await cipher.encrypt(text)
      raw
        .prepare(`update ${table} set ${column} = ? where rowid = ? and ${column} = ?`)
        .run(encrypted, id, text)
      changed = true
    }
  }
  // Pages that are free now still hold the texts.
  if (changed) raw.exec('vacuum; pragma wal_checkpoint(truncate)')
}
