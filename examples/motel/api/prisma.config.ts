import { defineConfig } from 'prisma/config'

// `prisma generate` needs no engine, but downloads one first, and fails where the download host is out of reach.
// It is content with any file in its place.
if (process.argv.includes('generate')) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath

// Not env('DATABASE_URL'): that insists on a database, and builds know of none.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
