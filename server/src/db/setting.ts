import type { Store } from './db.ts'

/** A setting of the keeper by its name; null: it was never stored. */
export async function readSetting({ sql, cipher }: Store, name: string): Promise<string | null> {
  const row = await sql.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst()
  return row === undefined ? null : cipher.decrypt(row.value)
}

export async function keepSetting({ sql, cipher }: Store, name: string, text: string): Promise<void> {
  const value = await cipher.encrypt(text)
  await sql
    .insertInto('setting')
    .values({ name, value })
    .onConflict(c => c.column('name').doUpdateSet({ value }))
    .execute()
}

/** A secret of the keeper. `make` generates it at the first call; later calls return the same. */
export async function keptSecret(store: Store, name: string, make: () => string): Promise<string> {
  const { sql, cipher } = store
  const key = `keeper-secret:${name}`
  const known = await readSetting(store, key)
  if (known !== null) return known
  await sql
    .insertInto('setting')
    .values({ name: key, value: await cipher.encrypt(make()) })
    .onConflict(c => c.doNothing())
    .execute()
  return (await readSetting(store, key))!
}
