import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationList } from '@prisma/schema-engine-wasm'
import { Pool } from 'pg'

const NO_FILTER = { externalTables: [], externalEnums: [] }

/** Prisma's own schema engine as WebAssembly: what the migrations of this app are held against. */
export async function schemaEngine(url: string) {
  // A pool of our own, because an engine that is freed leaves its connection open, and with it Prisma's lock.
  const pool = new Pool({ connectionString: url })
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool))
  const { SchemaEngine } = await import('@prisma/schema-engine-wasm')
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter)
  return {
    apply: async (folder: string) =>
      (await engine.applyMigrations({ migrationsList: await listOf(folder), filters: NO_FILTER })).appliedMigrationNames,
    diagnose: async (folder: string) =>
      engine.diagnoseMigrationHistory({
        migrationsList: await listOf(folder),
        optInToShadowDatabase: false,
        filters: NO_FILTER,
      }),
    /** The SQL that makes an empty database into what the schema says. */
    create: async (schema: string) => {
      const files = [{ path: schema, content: await readFile(schema, 'utf8') }]
      const to = { tag: 'schemaDatamodel' as const, files }
      return (await engine.diff({ from: { tag: 'empty' }, to, script: true, exitCode: null, filters: NO_FILTER })).stdout ?? ''
    },
    free: () => {
      engine.free()
      return pool.end()
    },
  }
}

async function listOf(folder: string): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter(entry => entry.isDirectory()).map(entry => entry.name).sort()
  const lock = await readFile(join(folder, 'migration_lock.toml'), 'utf8').catch(() => null)
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: lock },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async path => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: await readFile(join(folder, path, 'migration.sql'), 'utf8').then(
            value => ({ tag: 'ok' as const, value }),
            (error: Error) => ({ tag: 'error' as const, value: error.message }),
          ),
        },
      })),
    ),
  }
}
