import { sql } from 'drizzle-orm'
import type { Database } from '../storage/database.ts'
import { settings } from './schema.ts'
import { fromRows, type Settings, toRows } from './settings.ts'

export function settingsInPostgres(db: Database): Settings {
  return {
    async read() {
      return fromRows(await db.select().from(settings))
    },
    async write(change) {
      const replace = { target: settings.key, set: { value: sql`excluded.value` } }
      await db.insert(settings).values(toRows(change)).onConflictDoUpdate(replace)
    },
  }
}
