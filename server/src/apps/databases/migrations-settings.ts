import { join } from 'node:path'
import type { MigrationTool } from '../../config/config.ts'
import type { MigrationPlace } from './migrations-place.ts'
import { parseTable, type TableWanted } from './migrations-table.ts'

interface Setting {
  /** The keys stand inside of this block of the file; without: anywhere. */
  block?: RegExp
  table?: string
  schema?: string
}

interface Settings {
  /** Paths of the tool's own files, from a root. */
  files: RegExp
  code: readonly Setting[]
  /** Options of its command. */
  flags?: { table?: readonly string[]; schema?: readonly string[] }
}

const MIGRATIONS = /\bmigrations["']?\s*:\s*\{[^{}]*\}/g
/** Folders below a root that tools' files lie in. */
const FOLDERS = ['', 'config', '.config', 'db', 'src', 'src/db', 'src/config']
const CONFIG = (name: string): RegExp => new RegExp(`^(?:[\\w./]+/)?${name}\\.(?:[cm]?[jt]s|json)$`)

const SETTINGS: Partial<Record<MigrationTool, Settings>> = {
  drizzle: {
    files: CONFIG('drizzle[\\w-]*\\.config'),
    code: [
      { block: MIGRATIONS, table: 'table', schema: 'schema' },
      { table: 'migrationsTable', schema: 'migrationsSchema' },
    ],
  },
  knex: {
    files: CONFIG('knexfile'),
    code: [{ block: MIGRATIONS, table: 'tableName', schema: 'schemaName' }],
  },
  'node-pg-migrate': {
    files: /^(?:\.node-pg-migrate(?:rc)?\.json|node-pg-migrate[\w.-]*\.json)$/,
    code: [
      { table: 'migrations-table', schema: 'migrations-schema' },
      { table: 'migrationsTable', schema: 'migrationsSchema' },
    ],
    flags: { table: ['-t', '--migrations-table'], schema: ['--migrations-schema'] },
  },
  dbmate: {
    files: /^\.dbmate(?:\.ya?ml)?$/,
    code: [],
    flags: { table: ['--migrations-table'] },
  },
  sequelize: {
    files: CONFIG('(?:(?:sequelize|umzug)[\\w.-]*|(?<=config/)(?:config|database))'),
    code: [
      { table: 'migrationStorageTableName', schema: 'migrationStorageTableSchema' },
      { block: /\bSequelizeStorage\s*\(\s*\{[^{}]*\}/g, table: 'tableName', schema: 'schema' },
    ],
  },
  typeorm: {
    files: CONFIG('(?:data-?source|ormconfig|typeorm[\\w.-]*)'),
    code: [{ table: 'migrationsTableName', schema: 'schema' }],
  },
  'mikro-orm': {
    files: CONFIG('mikro-orm[\\w.-]*'),
    code: [{ block: MIGRATIONS, table: 'tableName', schema: 'schema' }],
  },
  kysely: {
    files: CONFIG('kysely[\\w.-]*'),
    code: [{ table: 'migrationTableName', schema: 'migrationTableSchema' }],
  },
}

/**
 * The table of the migrations as the repository's files name it, as far as that can be read without running any of
 * them: text that stands there as a literal, and the same in all places. `name` or `schema` null: nothing says it.
 */
export async function tableInFiles(place: MigrationPlace): Promise<TableWanted> {
  const settings = SETTINGS[place.tool]
  if (settings === undefined) return { schema: null, name: null }
  const said: TableWanted[] = await fromCommands(place, settings)
  for (const text of await texts(place, settings)) said.push(...settings.code.map(s => fromCode(text, s)))
  const name = said.find(s => s.name !== null)?.name ?? null
  const schema = said.find(s => s.schema !== null)?.schema ?? null
  const parsed = name === null ? { schema: null, name } : parseTable(name)
  // MikroORM, dbmate and others take `schema.name` for the table.
  return { schema: schema ?? parsed.schema, name: parsed.name }
}

/** The tool's own files in the roots, and the files that the command of the release step names. One that is refused says nothing: the deploy does not depend on it. */
async function texts({ roots, config, source }: MigrationPlace, { files }: Settings): Promise<string[]> {
  const paths: string[] = []
  for (const root of roots) {
    const named = (config.release?.command ?? []).filter(part =>
      /^(?!.*\.\.)[\w.-][\w./-]*\.(?:[cm]?[jt]s|json)$/.test(part),
    )
    paths.push(...named.map(part => join(root, part)))
    for (const folder of FOLDERS) {
      const names = (await source.names(join(root, folder)).catch(() => null)) ?? []
      const own = names.map(name => join(folder, name)).filter(path => files.test(path))
      paths.push(...own.map(path => join(root, path)))
    }
  }
  const found = await Promise.all([...new Set(paths)].map(path => source.text(path).catch(() => null)))
  return found.filter(text => text !== null).map(withoutComments)
}

async function fromCommands(
  { roots, config, source }: MigrationPlace,
  { flags }: Settings,
): Promise<TableWanted[]> {
  if (flags === undefined) return []
  const lines = [(config.release?.command ?? []).join(' ')]
  for (const root of roots) {
    const name = /\b(?:npm|pnpm|yarn)(?: run)? ([\w:.-]+)/.exec(lines[0]!)?.[1]
    const scripts = scriptsOf(await source.text(join(root, 'package.json')))
    if (name !== undefined) lines.push(String(scripts[name] ?? ''))
  }
  const option = (line: string, names: readonly string[] = []) =>
    names
      .map(name => new RegExp(`(?:^|\\s)${name}(?:=|\\s+)["']?([^\\s"'$]+)`).exec(line)?.[1])
      .find(value => value !== undefined) ?? null
  return lines.map(line => ({ name: option(line, flags.table), schema: option(line, flags.schema) }))
}

function scriptsOf(text: string | null): Record<string, unknown> {
  try {
    return (JSON.parse(text ?? '{}') as { scripts?: Record<string, unknown> }).scripts ?? {}
  } catch {
    return {} // Whoever builds the app says what is wrong with it.
  }
}

/** One text that the key has everywhere; of several, the one in the part for production. */
function fromCode(text: string, { block, table, schema }: Setting): TableWanted {
  const read = (part: string, key: string | undefined): string[] => {
    const parts = block === undefined ? [part] : [...part.matchAll(block)].map(found => found[0])
    const pattern = new RegExp(`(?<![\\w$.-])["']?${key}["']?\\s*:\\s*(["'\`])([^"'\`$\\\\]+)\\1`, 'g')
    return key === undefined ? [] : [...new Set(parts.flatMap(p => [...p.matchAll(pattern)].map(m => m[2]!)))]
  }
  const one = (key: string | undefined): string | null => {
    const all = read(text, key)
    if (all.length < 2) return all[0] ?? null
    const at = text.search(/\bproduction["']?\s*:/)
    return at < 0 ? null : (read(text.slice(at), key)[0] ?? null)
  }
  return { name: one(table), schema: one(schema) }
}

const withoutComments = (text: string): string =>
  text.replaceAll(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    '$1',
  )
