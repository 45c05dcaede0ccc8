import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppConfig, MigrationTool } from '../config/config.ts'

/** Where a repository keeps its migrations, and by which tool. */
export interface MigrationPlace {
  tool: MigrationTool
  /** Absolute folder. */
  folder: string
}

/** Port: rows of a query on the app's database, as the owner. */
export type Query = (
  text: string,
  values?: readonly unknown[],
) => Promise<ReadonlyArray<Record<string, unknown>>>

export interface MigrationList {
  applied: string[]
  pending: string[]
  /** Begun and not ended: the tool itself refuses to go on until a person decides. */
  broken: string[]
}

/** The place that the file names, or the usual ones of each tool; null when there is none. */
export async function findMigrations(config: AppConfig, tree: string): Promise<MigrationPlace | null> {
  if (config.migrations !== undefined)
    return { tool: config.migrations.tool, folder: join(tree, config.migrations.folder) }
  const roots = [...new Set([config.release?.service, ...config.services.map(s => s.name)])]
    .flatMap(name => config.services.find(s => s.name === name)?.root ?? [])
    .concat('.')
  for (const root of new Set(roots)) {
    const found = await findIn(join(tree, root))
    if (found !== null) return found
  }
  return null
}

const DRIZZLE_PLACES = [
  'drizzle',
  'migrations',
  'drizzle/migrations',
  'src/db/migrations',
  'src/drizzle',
  'server/drizzle',
  'db/migrations',
  'server/migrations',
  'src/database/migrations',
]

async function findIn(root: string): Promise<MigrationPlace | null> {
  const prisma = join(root, 'prisma/migrations')
  if ((await names(prisma)).length > 0) return { tool: 'prisma', folder: prisma }
  for (const place of DRIZZLE_PLACES) {
    if ((await names(join(root, place, 'meta'))).includes('_journal.json'))
      return { tool: 'drizzle', folder: join(root, place) }
  }
  const packageJson = await readFile(join(root, 'package.json'), 'utf8').catch(() => '')
  const folder = join(root, 'migrations')
  if ((await names(folder)).length === 0) return null
  if (packageJson.includes('"node-pg-migrate"')) return { tool: 'node-pg-migrate', folder }
  if (packageJson.includes('"knex"')) return { tool: 'knex', folder }
  return null
}

/** What of a folder is applied and what is pending, in the tool's own order. */
export async function listMigrations(place: MigrationPlace, query: Query): Promise<MigrationList> {
  const reader = READERS[place.tool]
  const [wanted, recorded] = await Promise.all([
    reader.files(place.folder),
    reader.recorded(query, place.folder),
  ])
  const done = new Set(recorded.done)
  return {
    applied: wanted.filter(name => done.has(name)),
    pending: wanted.filter(name => !done.has(name)),
    broken: recorded.broken,
  }
}

interface Reader {
  files(folder: string): Promise<string[]>
  recorded(query: Query, folder: string): Promise<{ done: string[]; broken: string[] }>
}

const READERS: Record<MigrationTool, Reader> = {
  prisma: {
    files: async folder => (await names(folder)).filter(name => /^\d+/.test(name)),
    recorded: async query => {
      const rows = await table(
        query,
        '_prisma_migrations',
        'migration_name as name, finished_at is not null as ended, rolled_back_at is not null as back',
      )
      const text = (keep: (row: Record<string, unknown>) => boolean) =>
        rows.filter(keep).map(row => String(row['name']))
      return {
        done: text(r => r['ended'] === true && r['back'] !== true),
        broken: text(r => r['ended'] !== true && r['back'] !== true),
      }
    },
  },
  drizzle: {
    files: async folder => (await drizzleJournal(folder)).map(entry => entry.tag),
    // Drizzle records a time, not a name: each journal entry's `when` stands for its tag.
    recorded: async (query, folder) => {
      const rows = [
        ...(await table(query, '__drizzle_migrations', 'created_at', 'drizzle')),
        ...(await table(query, '__drizzle_migrations', 'created_at')),
      ]
      const times = new Set(rows.map(row => String(row['created_at'])))
      return {
        done: (await drizzleJournal(folder))
          .filter(entry => times.has(String(entry.when)))
          .map(entry => entry.tag),
        broken: [],
      }
    },
  },
  knex: {
    files: async folder =>
      (await names(folder)).filter(name => /\.(c|m)?[jt]s$/.test(name) && !name.endsWith('.d.ts')).map(stem),
    recorded: async query => ({
      done: (await table(query, 'knex_migrations', 'name')).map(row => stem(String(row['name']))),
      broken: [],
    }),
  },
  'node-pg-migrate': {
    files: async folder =>
      (await names(folder))
        .filter(name => /^\d+.*\.(sql|(c|m)?[jt]s)$/.test(name) && !name.endsWith('.down.sql'))
        .map(stem),
    recorded: async query => ({
      done: (await table(query, 'pgmigrations', 'name')).map(row => String(row['name'])),
      broken: [],
    }),
  },
  sql: {
    files: async folder =>
      (await names(folder)).filter(name => name.endsWith('.sql') && !name.endsWith('.down.sql')),
    recorded: async query => ({
      done: (await table(query, 'schema_migrations', 'name')).map(row => String(row['name'])),
      broken: [],
    }),
  },
}

async function drizzleJournal(folder: string): Promise<Array<{ tag: string; when: number }>> {
  const journal = JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8')) as {
    entries: Array<{ tag: string; when: number }>
  }
  return journal.entries
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter(name => !name.startsWith('.')).sort()
}

const stem = (name: string): string => name.replace(/\.(up\.)?(sql|(c|m)?[jt]s)$/, '')

async function table(
  query: Query,
  name: string,
  columns: string,
  schema = 'public',
): Promise<ReadonlyArray<Record<string, unknown>>> {
  const there = await query('select to_regclass($1) is not null as there', [`"${schema}"."${name}"`])
  return there[0]?.['there'] === true ? query(`select ${columns} from "${schema}"."${name}"`) : []
}
