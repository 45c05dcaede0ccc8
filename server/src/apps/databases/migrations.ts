import { join } from 'node:path'
import type { AppConfig, MigrationTool } from '../../config/config.ts'
import type { Source } from '../../kernel/source.ts'

/** Where a repository keeps its migrations, and by which tool. */
export interface MigrationPlace {
  tool: MigrationTool
  /** Path in the source. */
  folder: string
  source: Source
}

/** Port: runs a query on the app's database as its owner, and returns the rows. */
export type Query = (
  text: string,
  values?: readonly unknown[],
) => Promise<ReadonlyArray<Record<string, unknown>>>

export interface MigrationList {
  applied: string[]
  pending: string[]
  /** Migrations that began and did not end. The tool refuses to go on until a person decides. */
  broken: string[]
}

/** The folder of migrations that innkeeper.yaml names, or the usual one of a tool; null: there is none. */
export async function findMigrations(config: AppConfig, source: Source): Promise<MigrationPlace | null> {
  if (config.migrations !== undefined) return { ...config.migrations, source }
  const roots = [...new Set([config.release?.service, ...config.services.map(s => s.name)])]
    .flatMap(name => config.services.find(s => s.name === name)?.root ?? [])
    .concat('.')
  for (const root of new Set(roots)) {
    const found = await findIn(source, root)
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

async function findIn(source: Source, root: string): Promise<MigrationPlace | null> {
  const prisma = join(root, 'prisma/migrations')
  if ((await names(source, prisma)).length > 0) return { tool: 'prisma', folder: prisma, source }
  for (const place of DRIZZLE_PLACES) {
    if ((await names(source, join(root, place, 'meta'))).includes('_journal.json'))
      return { tool: 'drizzle', folder: join(root, place), source }
  }
  const packageJson = (await source.text(join(root, 'package.json'))) ?? ''
  const folder = join(root, 'migrations')
  if ((await names(source, folder)).length === 0) return null
  if (packageJson.includes('"node-pg-migrate"')) return { tool: 'node-pg-migrate', folder, source }
  if (packageJson.includes('"knex"')) return { tool: 'knex', folder, source }
  return null
}

/** Which migrations of a folder are applied and which are pending, in the order of the tool. */
export async function listMigrations(place: MigrationPlace, query: Query): Promise<MigrationList> {
  const reader = READERS[place.tool]
  const [wanted, recorded] = await Promise.all([reader.files(place), reader.recorded(query, place)])
  const done = new Set(recorded.done)
  return {
    applied: wanted.filter(name => done.has(name)),
    pending: wanted.filter(name => !done.has(name)),
    broken: recorded.broken,
  }
}

interface Reader {
  files(place: MigrationPlace): Promise<string[]>
  recorded(query: Query, place: MigrationPlace): Promise<{ done: string[]; broken: string[] }>
}

const READERS: Record<MigrationTool, Reader> = {
  prisma: {
    files: async place => (await namesOf(place)).filter(name => /^\d+/.test(name)),
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
    files: async place => (await drizzleJournal(place)).map(entry => entry.tag),
    // Drizzle records a time instead of a name: `when` in its journal leads to the tag.
    recorded: async (query, place) => {
      const rows = [
        ...(await table(query, '__drizzle_migrations', 'created_at', 'drizzle')),
        ...(await table(query, '__drizzle_migrations', 'created_at')),
      ]
      const times = new Set(rows.map(row => String(row['created_at'])))
      return {
        done: (await drizzleJournal(place))
          .filter(entry => times.has(String(entry.when)))
          .map(entry => entry.tag),
        broken: [],
      }
    },
  },
  knex: {
    files: async place =>
      (await namesOf(place)).filter(name => /\.(c|m)?[jt]s$/.test(name) && !name.endsWith('.d.ts')).map(stem),
    recorded: async query => ({
      done: (await table(query, 'knex_migrations', 'name')).map(row => stem(String(row['name']))),
      broken: [],
    }),
  },
  'node-pg-migrate': {
    files: async place =>
      (await namesOf(place))
        .filter(name => /^\d+.*\.(sql|(c|m)?[jt]s)$/.test(name) && !name.endsWith('.down.sql'))
        .map(stem),
    recorded: async query => ({
      done: (await table(query, 'pgmigrations', 'name')).map(row => String(row['name'])),
      broken: [],
    }),
  },
  sql: {
    files: async place =>
      (await namesOf(place)).filter(name => name.endsWith('.sql') && !name.endsWith('.down.sql')),
    recorded: async query => ({
      done: (await table(query, 'schema_migrations', 'name')).map(row => String(row['name'])),
      broken: [],
    }),
  },
}

async function drizzleJournal({
  source,
  folder,
}: MigrationPlace): Promise<Array<{ tag: string; when: number }>> {
  const text = await source.text(join(folder, 'meta/_journal.json'))
  const journal = JSON.parse(text ?? '{"entries":[]}') as { entries: Array<{ tag: string; when: number }> }
  return journal.entries
}

async function names(source: Source, folder: string): Promise<string[]> {
  return ((await source.names(folder)) ?? []).filter(name => !name.startsWith('.')).sort()
}

const namesOf = ({ source, folder }: MigrationPlace): Promise<string[]> => names(source, folder)

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
