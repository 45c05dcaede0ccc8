import type { AppConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Source } from '../../kernel/source.ts'
import {
  findMigrations,
  listMigrations,
  type MigrationPlace,
  type Query,
  toolFiles,
} from '../databases/migrations.ts'
import type { Known, LiveFacts, Served } from './facts.ts'
import { codeOf, type MigrationText, migrationOf, textOf } from './files.ts'
import type { Finding } from './finding.ts'
import type { Migration } from './migration.ts'
import type { Name, ParsedFile, SqlParser } from './op.ts'
import { judge } from './rule.ts'

export interface LintPorts {
  parser: SqlParser
  /** Runs queries on the app's database as its owner. null: the app has none yet. Rejects where it does not answer. */
  database<T>(app: string, work: (query: Query) => Promise<T>): Promise<T | null>
  /** What the database says of tables and functions by their names. */
  facts(app: string, query: Query, named: { tables: string[]; functions: string[] }): Promise<LiveFacts>
  served(app: string): Promise<Served | null>
}

/** What is pending, and what is to be said of it. */
export interface Judged {
  tool: string
  folder: string
  pending: string[]
  findings: Finding[]
  /** Whether the live database was asked. `none`: there is none yet. */
  asked: 'live' | 'none' | 'unreachable'
  /** Why nothing was judged: the database could not be asked, or the SQL not read. */
  why: string | null
  /** Since when statements of what serves are looked at, in milliseconds since 1970; null: they are not. */
  servedSince: number | null
}

export interface Wanted {
  app: string
  config: AppConfig
  source: Source
}

/** Judges the migrations of a source that the app's database does not have yet. null: there are no migrations to be found. */
export async function lint(ports: LintPorts, { app, config, source }: Wanted): Promise<Judged | null> {
  const place = await findMigrations(config, source)
  if (place === null) return null
  try {
    const judged = await ports.database(app, query => judgeLive(ports, { app, place }, query))
    if (judged !== null) return judged
    // Nothing is there that anybody could be waiting for.
    const read = await readAll(ports, place, await toolFiles(place))
    return result(place, read, { live: null, served: null, empty: true }, 'none')
  } catch (error) {
    const { tool, folder } = place
    const why = error instanceof Failure ? `${error.message}: ${error.why}` : (error as Error).message
    return { tool, folder, pending: [], findings: [], asked: 'unreachable', why, servedSince: null }
  }
}

async function judgeLive(
  ports: LintPorts,
  { app, place }: { app: string; place: MigrationPlace },
  query: Query,
): Promise<Judged> {
  const { pending } = await listMigrations(place, query)
  const read = await readAll(ports, place, pending)
  const asks = pending.length > 0
  const live = asks ? await ports.facts(app, query, namesIn(read)) : null
  const served = asks ? await ports.served(app) : null
  return result(place, read, { live, served, empty: false }, 'live')
}

const result = (
  { tool, folder }: MigrationPlace,
  migrations: readonly Migration[],
  known: Known,
  asked: Judged['asked'],
): Judged => ({
  ...{ tool, folder, pending: migrations.map(({ name }) => name), asked, why: null },
  findings: judge(migrations, known),
  servedSince: known.served?.since ?? null,
})

async function readAll(
  { parser }: Pick<LintPorts, 'parser'>,
  place: MigrationPlace,
  names: readonly string[],
): Promise<Migration[]> {
  const texts: Array<readonly [string, MigrationText | null]> = []
  for (const name of names) texts.push([name, await textOf(place, name)])
  const parsed = await parser.parse(texts.flatMap(([, text]) => (text === null ? [] : [text.sql])))
  let next = 0
  return texts.map(([name, text]) =>
    text === null ? codeOf(name, place.tool) : migrationOf(text, parsed[next++] as ParsedFile),
  )
}

/** All names that may be tables or functions. An index says its table only in the database. */
function namesIn(migrations: readonly Migration[]): { tables: string[]; functions: string[] } {
  const [tables, functions] = [new Set<string>(), new Set<string>()]
  for (const { sql } of migrations)
    for (const op of sql?.statements.flatMap(({ ops }) => ops) ?? []) {
      for (const value of Object.values(op)) if (isName(value)) tables.add(value.name)
      if (op.kind === 'column.add') for (const one of op.column.default?.functions ?? []) functions.add(one)
    }
  return { tables: [...tables], functions: [...functions] }
}

const isName = (value: unknown): value is Name =>
  typeof value === 'object' && value !== null && 'name' in value && 'schema' in value
