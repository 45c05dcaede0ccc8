import { defineConfig } from 'prisma/config'

// Generating the client needs no schema engine, yet the CLI fetches one first, from a host that servers often cannot
// reach. A file that exists is enough to make it go on; the commands that do need the engine still fetch it.
if (process.argv.includes('generate')) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // Not env(): that throws when it is missing, and generating needs no database.
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
