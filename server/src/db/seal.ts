import { SEALED_BEGIN } from '../kernel/seal.ts'
import type { Store } from './db.ts'
import type { Tables } from './schema.ts'

/** Columns that hold secrets. What reads or writes one of them does it through the store's seal. */
const SEALED = [
  ['setting', 'value'],
  ['release', 'env'],
  ['certificate', 'key'],
  ['channel', 'secret'],
] as const satisfies ReadonlyArray<readonly [keyof Tables, string]>

const SEALED_TEXT = `${SEALED_BEGIN}%`

/** Whether the store holds anything that only its key opens. */
export const hasSealed = ({ raw }: Store): boolean =>
  SEALED.some(
    ([table, column]) =>
      raw.prepare(`select 1 from ${table} where ${column} like ? limit 1`).get(SEALED_TEXT) !== undefined,
  )

/** Seals what an earlier version kept as it is, and leaves nothing of it in the file. May be cut at any point, and done again. */
export async function sealAll({ raw, seal }: Store): Promise<void> {
  let changed = false
  for (const [table, column] of SEALED) {
    const rows = raw
      .prepare(
        `select rowid as id, ${column} as text from ${table} where ${column} <> '' and ${column} not like ?`,
      )
      .all(SEALED_TEXT) as Array<{ id: number; text: string }>
    for (const { id, text } of rows) {
      const sealed = await seal.seal(text)
      raw.prepare(`update ${table} set ${column} = ? where rowid = ? and ${column} = ?`).run(sealed, id, text)
      changed = true
    }
  }
  // Pages that are free now still hold the texts.
  if (changed) raw.exec('vacuum; pragma wal_checkpoint(truncate)')
}
