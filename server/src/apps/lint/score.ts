import type { AppConfig } from '../../config/config.ts'
import type { Source } from '../../kernel/source.ts'
import { findMigrations, listMigrations, type Query } from '../databases/migrations.ts'
import { statementsOf } from '../releases/sql-statements.ts'
import { migrationOf, textOf } from './files.ts'
import type { Migration } from './migration.ts'
import type { ParsedFile, SqlParser } from './op.ts'

/** A pending migration with its statements as they stand in the file. */
export interface Pending {
  name: string
  statements: readonly string[]
  mode: Migration['mode']
}

/** What a source has that the database, which the query goes to, does not have yet. `code`: what only its tool can run. */
export async function pendingSql(
  parser: Pick<SqlParser, 'parse'>,
  { config, source }: { config: AppConfig; source: Source },
  query: Query,
): Promise<{ tool: string; migrations: Pending[]; code: string[] } | null> {
  const place = await findMigrations(config, source)
  if (place === null) return null
  const migrations: Pending[] = []
  const code: string[] = []
  for (const name of (await listMigrations(place, query)).pending) {
    const text = await textOf(place, name)
    if (text === null) {
      code.push(name)
      continue
    }
    const [parsed] = await parser.parse([text.sql])
    migrations.push({
      name,
      statements: statementsOf(text.sql).map(one => one.text),
      mode: hasOwn(parsed!) ? 'none' : migrationOf(text, parsed!).mode,
    })
  }
  return { tool: place.tool, migrations, code }
}

/** Whether a file says itself where its transactions begin and end. */
const hasOwn = ({ statements }: ParsedFile): boolean =>
  statements.some(({ ops }) => ops.some(({ kind }) => kind === 'transaction'))
