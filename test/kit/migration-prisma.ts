import type { ToolCase } from './migration-tools.ts'

/** Prisma's schema engine as `prisma migrate deploy` uses it, in its form as WebAssembly: the native one is in no registry. */
const script = (schema: string): string => `
import { readdir, readFile } from 'node:fs/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, options: '-c search_path=' + ${schema} })
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool, { schema: ${schema} }))
const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter)
const names = (await readdir('prisma/migrations')).sort()
const value = name => readFile('prisma/migrations/' + name + '/migration.sql', 'utf8')
const migrationDirectories = await Promise.all(names.map(async path => ({ path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: await value(path) } } })))
const migrationsList = { baseDir: 'prisma/migrations', lockfile: { path: 'migration_lock.toml', content: null }, shadowDbInitScript: '', migrationDirectories }
try {
  await engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } })
} catch (error) {
  console.error(error)
  process.exit(1)
}
// The engine leaves a connection open, for which an end of its own would wait.
process.exit(0)
`

export const prisma: ToolCase = {
  name: 'Prisma',
  tool: 'prisma',
  packages: [
    '@prisma/schema-engine-wasm@7.10.0-4.0edf323efd1d98336f3f0a68684b56f689b900d3',
    '@prisma/adapter-pg@7.10.0',
    '@prisma/driver-adapter-utils@7.10.0',
    'pg@8.23.1',
  ],
  folder: 'prisma/migrations',
  command: () => 'node migrate.mjs',
  config: ({ schema }) => ({ 'migrate.mjs': script(schema ?? `'public'`) }),
  migrations: each =>
    Object.fromEntries(
      each.map((statements, n) => [
        `prisma/migrations/2026010${n}_x/migration.sql`,
        `${statements.join(';\n')};`,
      ]),
    ),
  table: 'public._prisma_migrations',
  settable: ['schema'],
  computed: false,
  allOrNothing: false,
  checksums: true,
  // Its words differ from those of the native engine.
  reason: /No such table: nowhere/,
}
