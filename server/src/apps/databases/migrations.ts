import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { AppConfig, MigrationTool } from '../../config/config.ts'
import type { Source } from '../../kernel/source.ts'
import type { MigrationPlace, Query } from './migrations-place.ts'
import { tableInFiles } from './migrations-settings.ts'
import {
  byName,
  byShape,
  type FoundTable,
  parseTable,
  quoted,
  type TableName,
  tablesLike,
} from './migrations-table.ts'
import { type Recorded, TOOLS, type Tool } from './migrations-tools.ts'

export type { MigrationPlace, Query } from './migrations-place.ts'

export interface MigrationList {
  applied: string[]
  pending: string[]
  /** Migrations that began and did not end. The tool refuses to go on until a person decides. */
  broken: string[]
  /** Applied files whose text is another one now, as far as that was recorded. */
  edited: string[]
  /** The table that says so; null: there is none, or it was not found. */
  table: TableName | null
  /** The command that gives up a lock which the tool holds by a row of a table, and which therefore outlives it. */
  locked: string | null
}

/** The folder of migrations that innkeeper.yaml names, or the usual one of a tool; null: there is none, or none is to be looked for. */
export async function findMigrations(
  { migrations, ...config }: AppConfig,
  source: Source,
): Promise<MigrationPlace | null> {
  if (migrations === false) return null
  const roots = [...new Set([config.release?.service, ...config.services.map(s => s.name)])]
    .flatMap(name => config.services.find(s => s.name === name)?.root ?? [])
    .concat('.')
  const known = { roots: [...new Set(roots)], config: { release: config.release, migrations }, source }
  const { tool, folder } = migrations ?? {}
  if (tool !== undefined && folder !== undefined) return { ...known, tool, folder }
  for (const root of known.roots) {
    const found = await findIn(source, root)
    if (found !== null) return { ...known, ...found }
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

/** Tools that package.json names, with their usual folder. */
const NAMED: ReadonlyArray<readonly [name: string, tool: MigrationTool, folder: string]> = [
  ['node-pg-migrate', 'node-pg-migrate', 'migrations'],
  ['graphile-migrate', 'graphile-migrate', 'migrations/committed'],
  ['dbmate', 'dbmate', 'db/migrations'],
  ['sequelize-cli', 'sequelize', 'migrations'],
  ['@mikro-orm/migrations', 'mikro-orm', 'migrations'],
  ['kysely-ctl', 'kysely', 'migrations'],
  ['knex', 'knex', 'migrations'],
]

async function findIn(source: Source, root: string): Promise<Pick<MigrationPlace, 'tool' | 'folder'> | null> {
  const prisma = join(root, 'prisma/migrations')
  if ((await names(source, prisma)).length > 0) return { tool: 'prisma', folder: prisma }
  for (const place of DRIZZLE_PLACES) {
    if ((await names(source, join(root, place, 'meta'))).includes('_journal.json'))
      return { tool: 'drizzle', folder: join(root, place) }
  }
  const packageJson = (await source.text(join(root, 'package.json'))) ?? ''
  for (const [name, tool, usual] of NAMED) {
    const folder = join(root, usual)
    if (packageJson.includes(`"${name}"`) && (await names(source, folder)).length > 0) return { tool, folder }
  }
  return null
}

const names = async (source: Source, folder: string): Promise<string[]> =>
  ((await source.names(folder)) ?? []).filter(name => !name.startsWith('.'))

/** The tool's own files in a folder, by the name that people know. A folder of Prisma without its file is none. */
export async function toolFiles(place: MigrationPlace): Promise<string[]> {
  const { files, text } = TOOLS[place.tool]
  const found: string[] = []
  for (const name of await files(place))
    if (text === undefined || (await place.source.has(join(place.folder, text(name))))) found.push(name)
  return found
}

/** Which migrations of a folder are applied and which are pending, in the order of the tool. */
export async function listMigrations(place: MigrationPlace, query: Query): Promise<MigrationList> {
  const tool = TOOLS[place.tool]
  const wanted = await tool.files(place)
  const found = await findTable(place, wanted, query)
  const recorded = found?.recorded ?? { done: [], broken: [] }
  const done = new Set(recorded.done)
  const applied = wanted.filter(name => done.has(name))
  return {
    applied,
    pending: wanted.filter(name => !done.has(name)),
    broken: recorded.broken,
    edited: await editedOf(place, applied, recorded),
    table: found === null ? null : { schema: found.table.schema, name: found.table.name },
    locked: found === null ? null : await lockOf(tool, found.table, query),
  }
}

interface Found {
  table: FoundTable
  recorded: Recorded
}

/**
 * The table where innkeeper.yaml says it is, or else where the tool's own files put it, or its usual one. Files that
 * only code can read say nothing; then a table of the tool's shape is taken when one alone knows a file of the folder.
 */
async function findTable(
  place: MigrationPlace,
  files: readonly string[],
  query: Query,
): Promise<Found | null> {
  const { shape, recorded } = TOOLS[place.tool]
  const said = place.config.migrations?.table
  const wanted = said === undefined ? await tableInFiles(place) : parseTable(said)
  const names = wanted.name === null ? shape.usual.map(u => u.name) : [wanted.name]
  const tables = await tablesLike(query, { shape, names })
  const table = byName(tables, wanted, shape.usual)
  if (table !== null) return { table, recorded: await recorded(query, table, place) }
  if (said !== undefined) return null
  const alike: Found[] = []
  for (const other of byShape(tables, shape)) {
    const found = { table: other, recorded: await recorded(query, other, place) }
    if (found.recorded.done.some(name => files.includes(name))) alike.push(found)
  }
  return alike.length === 1 ? alike[0]! : null
}

/** Which applied files say something else now, as far as their table tells. */
async function editedOf(
  place: MigrationPlace,
  applied: readonly string[],
  { checksums }: Recorded,
): Promise<string[]> {
  const { text: pathOf } = TOOLS[place.tool]
  if (checksums === undefined || pathOf === undefined) return []
  const edited: string[] = []
  for (const name of applied) {
    const was = checksums.get(name)
    const text = await place.source.text(join(place.folder, pathOf(name)))
    if (was !== undefined && text !== null && !sameText(text, was)) edited.push(name)
  }
  return edited
}

/** Other ends of lines, as git may make them, are no change. */
const sameText = (text: string, checksum: string): boolean => {
  const plain = text.replaceAll('\r\n', '\n')
  return [text, plain, plain.replaceAll('\n', '\r\n')].some(form => checksumOf(form) === checksum)
}

/** What is recorded of a file of SQL, so that a later change of it is seen. */
export const checksumOf = (sql: string): string => createHash('sha256').update(sql).digest('hex')

async function lockOf({ lock, shape }: Tool, table: FoundTable, query: Query): Promise<string | null> {
  if (lock === undefined) return null
  const name = `${table.name}${lock.suffix}`
  const own = { usual: shape.usual, reads: [lock.column], all: null }
  const found = byName(
    await tablesLike(query, { shape: own, names: [name] }),
    { schema: table.schema, name },
    [],
  )
  if (found === null) return null
  const held = await query(
    `select 1 from ${quoted(found)} where ${quoted(lock.column)}::text in ('1', 'true')`,
  )
  return held.length > 0 ? lock.unlock : null
}

/** Where files of SQL that Innkeeper applies are recorded. */
export function sqlTable({ config }: Pick<MigrationPlace, 'config'>): TableName {
  const said = parseTable(config.migrations?.table ?? 'schema_migrations')
  return { schema: said.schema ?? 'public', name: said.name! }
}
