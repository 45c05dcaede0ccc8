import type { Store } from './db.ts'

/** A value of the keeper's own, by name; null: never kept. */
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
