import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/node-postgres'
import { migrate } from 'drizzle-orm/node-postgres/migrator'
import pg from 'pg'

const url = process.env.DATABASE_URL
if (!url) throw new Error('Set DATABASE_URL to an address whose user may change tables.')
const client = new pg.Client({ connectionString: url })
await client.connect()
try {
  // Two releases at once would apply the same migration twice; the lock ends with the connection.
  await client.query("select pg_advisory_lock(hashtext('catering migrations'))")
  await migrate(drizzle(client), { migrationsFolder: fileURLToPath(new URL('../drizzle', import.meta.url)) })
  console.log('migrations applied')
} finally {
  await client.end()
}
