import { join } from 'node:path'
import type { MigrationTool } from '../../config/config.ts'
import type { MigrationPlace, Query } from './migrations-place.ts'
import { type FoundTable, quoted, type TableShape } from './migrations-table.ts'

/** What a tool's table says. */
export interface Recorded {
  done: string[]
  /** Began and did not end. */
  broken: string[]
  /** What was recorded of the content of a file, where the tool says how it counts it. */
  checksums?: ReadonlyMap<string, string>
}

/** How one tool keeps its migrations: as files, and in the database. */
export interface Tool {
  shape: TableShape
  /** In the order of the tool, by the name that people know. */
  files(place: MigrationPlace): Promise<string[]>
  recorded(query: Query, table: FoundTable, place: MigrationPlace): Promise<Recorded>
  /** The table of a lock that outlives a tool that was killed, with the column that says whether it is held. */
  lock?: { suffix: string; column: string; unlock: string }
}

const CODE = /\.(?:c|m)?[jt]s$/
const isCode = (name: string): boolean => CODE.test(name) && !/\.d\.(?:c|m)?ts$/.test(name)
/** The name without its ending: what is TypeScript in the repository is JavaScript after a build, and some tools record that. */
const stem = (name: string): string => name.replace(/\.(?:(?:up\.)?sql|(?:c|m)?[jt]s)$/, '')

const namesOf = async ({ source, folder }: MigrationPlace): Promise<string[]> =>
  ((await source.names(folder)) ?? []).filter(name => !name.startsWith('.')).sort()

const codeOf = async (place: MigrationPlace): Promise<string[]> =>
  (await namesOf(place)).filter(isCode).map(stem)

const column = async (query: Query, table: FoundTable, name: string): Promise<string[]> =>
  (await query(`select ${quoted(name)}::text as value from ${quoted(table)}`)).map(row =>
    String(row['value']),
  )

/** The files whose part, as `key` reads it, the table has in a column. */
const keyed =
  (files: Tool['files'], name: string, key: (file: string) => string): Tool['recorded'] =>
  async (query, table, place) => {
    const there = new Set(await column(query, table, name))
    return { done: (await files(place)).filter(file => there.has(key(file))), broken: [] }
  }

const named: Tool['recorded'] = async (query, table) => ({
  done: (await column(query, table, 'name')).map(stem),
  broken: [],
})

const shape = (usual: string, all: string, reads = 'name'): TableShape => {
  const [schema, name] = usual.split('.') as [string, string]
  return { usual: [{ schema, name }], all: all.split(' '), reads: reads.split(' ') }
}

const digits = (file: string): string => /^\d+/.exec(file)?.[0] ?? file
const typeormFiles = async (place: MigrationPlace) =>
  (await codeOf(place)).filter(name => /^\d{13}-/.test(name))
const dbmateFiles = async (place: MigrationPlace) =>
  (await namesOf(place)).filter(name => /^\d+.*\.sql$/.test(name))
const graphileFolder = async (place: MigrationPlace): Promise<MigrationPlace> =>
  (await place.source.has(join(place.folder, 'committed')))
    ? { ...place, folder: join(place.folder, 'committed') }
    : place
const graphileFiles = async (place: MigrationPlace) =>
  (await namesOf(await graphileFolder(place))).filter(name => /^\d{6,}.*\.sql$/.test(name))
const drizzleFiles = async (place: MigrationPlace) => (await drizzleJournal(place)).map(entry => entry.tag)

export const TOOLS: Record<MigrationTool, Tool> = {
  prisma: {
    shape: shape(
      'public._prisma_migrations',
      'id checksum finished_at migration_name logs rolled_back_at started_at applied_steps_count',
      'migration_name finished_at rolled_back_at',
    ),
    files: async place => (await namesOf(place)).filter(name => /^\d+/.test(name)),
    recorded: prismaRecorded,
  },
  drizzle: {
    shape: {
      ...shape('drizzle.__drizzle_migrations', 'id hash created_at', 'created_at'),
      usual: ['drizzle', 'public'].map(schema => ({ schema, name: '__drizzle_migrations' })),
    },
    files: drizzleFiles,
    recorded: drizzleRecorded,
  },
  knex: {
    shape: shape('public.knex_migrations', 'id name batch migration_time'),
    files: codeOf,
    recorded: named,
    lock: { suffix: '_lock', column: 'is_locked', unlock: 'knex migrate:unlock' },
  },
  'node-pg-migrate': {
    shape: shape('public.pgmigrations', 'id name run_on'),
    files: async place =>
      (await namesOf(place))
        .filter(name => /^\d+.*\.(sql|(c|m)?[jt]s)$/.test(name) && !name.endsWith('.down.sql'))
        .map(stem),
    recorded: named,
  },
  'graphile-migrate': {
    shape: shape('graphile_migrate.migrations', 'hash previous_hash filename date', 'filename'),
    files: graphileFiles,
    recorded: keyed(graphileFiles, 'filename', file => file),
  },
  dbmate: {
    shape: shape('public.schema_migrations', 'version', 'version'),
    files: dbmateFiles,
    recorded: keyed(dbmateFiles, 'version', digits),
  },
  sequelize: { shape: shape('public.SequelizeMeta', 'name'), files: codeOf, recorded: named },
  typeorm: {
    shape: shape('public.migrations', 'id timestamp name', 'timestamp name'),
    files: typeormFiles,
    recorded: keyed(typeormFiles, 'timestamp', digits),
  },
  'mikro-orm': {
    shape: shape('public.mikro_orm_migrations', 'id name executed_at'),
    files: async place => (await codeOf(place)).filter(name => /^Migration\d/.test(name)),
    recorded: named,
  },
  kysely: { shape: shape('public.kysely_migration', 'name timestamp'), files: codeOf, recorded: named },
  sql: {
    shape: { usual: [{ schema: 'public', name: 'schema_migrations' }], reads: ['name'], all: null },
    files: async place =>
      (await namesOf(place)).filter(name => name.endsWith('.sql') && !name.endsWith('.down.sql')),
    recorded: sqlRecorded,
  },
}

async function prismaRecorded(query: Query, table: FoundTable): Promise<Recorded> {
  const rows = await query(
    `select migration_name as name, finished_at is not null as ended, rolled_back_at is not null as back from ${quoted(table)}`,
  )
  const text = (keep: (row: Record<string, unknown>) => boolean) =>
    rows.filter(keep).map(row => String(row['name']))
  return {
    done: text(r => r['ended'] === true && r['back'] !== true),
    broken: text(r => r['ended'] !== true && r['back'] !== true),
  }
}

/** Drizzle records a time instead of a name: `when` in its journal leads to the tag. */
async function drizzleRecorded(query: Query, table: FoundTable, place: MigrationPlace): Promise<Recorded> {
  const times = new Set(await column(query, table, 'created_at'))
  const entries = await drizzleJournal(place)
  return { done: entries.filter(e => times.has(String(e.when))).map(e => e.tag), broken: [] }
}

async function sqlRecorded(query: Query, table: FoundTable): Promise<Recorded> {
  const done = await column(query, table, 'name')
  if (!table.columns.includes('checksum')) return { done, broken: [] }
  const rows = await query(
    `select name::text, checksum::text from ${quoted(table)} where checksum is not null`,
  )
  return {
    done,
    broken: [],
    checksums: new Map(rows.map(row => [String(row['name']), String(row['checksum'])])),
  }
}

async function drizzleJournal({
  source,
  folder,
}: MigrationPlace): Promise<Array<{ tag: string; when: number }>> {
  const text = await source.text(join(folder, 'meta/_journal.json'))
  const journal = JSON.parse(text ?? '{"entries":[]}') as { entries: Array<{ tag: string; when: number }> }
  return journal.entries
}

/** Files that undo others, in the form of other tools, which node-pg-migrate would run as migrations of their own. */
export async function downFiles(place: MigrationPlace): Promise<string[]> {
  if (place.tool !== 'node-pg-migrate') return []
  return (await namesOf(place)).filter(name => /^\d.*\.down\.sql$/.test(name))
}
