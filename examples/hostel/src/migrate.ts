import { fileURLToPath } from 'node:url'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { log } from './log.ts'

const url = process.env.DATABASE_URL
if (!url) {
  log.info('no DATABASE_URL: nothing to migrate')
} else {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // Two releases at once would apply the same migration twice; the lock ends with the connection.
    await client.query("select pg_advisory_lock(hashtext('hostel migrations'))")
    await migrate(drizzle(client), { migrationsFolder: fileURLToPath(new URL('../drizzle', import.meta.url)) })
    log.info('migrations applied')
  } finally {
    await client.end()
  }
}
