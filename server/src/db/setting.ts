import type { Store } from './db.ts'

/** A setting of the keeper by its name; null: it was never stored. */
export async function readSetting({ sql }: Store, name: string): Promise<string | null> {
  const row = await sql.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value ?? null
}

export async function keepSetting({ sql }: Store, name: string, value: string): Promise<void> {
  await sql
    .insertInto('setting')
    .values({ name, value })
    .onConflict(c => c.column('name').doUpdateSet({ value }))
    .execute()
}

/** A secret of the keeper. `make` generates it at the first call; later calls return the same. */
export async function keptSecret({ sql }: Store, name: string, make: () => string): Promise<string> {
  const key = `keeper-secret:${name}`
  await sql
    .insertInto('setting')
    .values({ name: key, value: make() })
    .onConflict(c => c.doNothing())
    .execute()
  return (await sql.selectFrom('setting').select('value').where('name', '=', key).executeTakeFirstOrThrow())
    .value
}
