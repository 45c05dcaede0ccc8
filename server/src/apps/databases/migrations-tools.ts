import { join } from 'node:path'
import type { MigrationTool } from '../../config/config.ts'
import type { MigrationPlace, Query } from './migrations-place.ts'
import { type FoundTable, quoted, type TableShape } from './migrations-table.ts'

/** What a tool's table says. */
export interface Recorded {
  done: string[]
  /** Began and did not end. */
  broken: string[]
  /** By name: the SHA-256 of the file's text as it was applied, where the tool keeps that. */
  checksums?: ReadonlyMap<string, string>
}

/** How one tool keeps its migrations: as files, and in the database. */
export interface Tool {
  shape: TableShape
  /** In the order of the tool, by the name that people know. */
  files(place: MigrationPlace): Promise<string[]>
  /** The path of a migration's text in the folder, where the table has checksums. */
  text?: (name: string) => string
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
      'migration_name checksum finished_at rolled_back_at',
    ),
    files: async place => (await namesOf(place)).filter(name => /^\d+/.test(name)),
    text: name => `${name}/migration.sql`,
    recorded: prismaRecorded,
  },
  drizzle: {
    shape: {
      ...shape('drizzle.__drizzle_migrations', 'id hash created_at', 'hash created_at'),
      usual: ['drizzle', 'public'].map(schema => ({ schema, name: '__drizzle_migrations' })),
    },
    files: drizzleFiles,
    text: name => `${name}.sql`,
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
    text: name => name,
    recorded: sqlRecorded,
  },
}

async function prismaRecorded(query: Query, table: FoundTable): Promise<Recorded> {
  const rows = await query(
    `select migration_name as name, checksum, finished_at is not null as ended, rolled_back_at is not null as back from ${quoted(table)}`,
  )
  const text = (keep: (row: Record<string, unknown>) => boolean) =>
    rows.filter(keep).map(row => String(row['name']))
  return {
    done: text(r => r['ended'] === true && r['back'] !== true),
    broken: text(r => r['ended'] !== true && r['back'] !== true),
    checksums: checksumsOf(rows.filter(r => r['ended'] === true && r['back'] !== true)),
  }
}

const checksumsOf = (rows: ReadonlyArray<Record<string, unknown>>): Map<string, string> =>
  new Map(
    rows
      .filter(row => typeof row['checksum'] === 'string')
      .map(row => [String(row['name']), String(row['checksum'])]),
  )

/** Drizzle records a time instead of a name: `when` in its journal leads to the tag. */
async function drizzleRecorded(query: Query, table: FoundTable, place: MigrationPlace): Promise<Recorded> {
  const rows = await query(`select created_at::text as time, hash as checksum from ${quoted(table)}`)
  const tags = new Map((await drizzleJournal(place)).map(entry => [String(entry.when), entry.tag]))
  const known = rows
    .map(row => ({ name: tags.get(String(row['time'])), checksum: row['checksum'] }))
    .filter(row => row.name !== undefined)
  return { done: known.map(row => row.name!), broken: [], checksums: checksumsOf(known) }
}

/** A command of the app may keep only names, and count checksums its own way. */
async function sqlRecorded(query: Query, table: FoundTable, { config }: MigrationPlace): Promise<Recorded> {
  const ours = config.release === null && table.columns.includes('checksum')
  if (!ours) return { done: await column(query, table, 'name'), broken: [] }
  const rows = await query(`select name, checksum from ${quoted(table)}`)
  return { done: rows.map(row => String(row['name'])), broken: [], checksums: checksumsOf(rows) }
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
