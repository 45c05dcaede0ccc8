import { join } from 'node:path'
import type { MigrationTool } from '../../config/config.ts'
import type { MigrationPlace } from '../databases/migrations.ts'
import { sqlOf, wayOf } from '../releases/sql-file.ts'
import type { Migration } from './migration.ts'
import type { ParsedFile } from './op.ts'

type Mode = Migration['mode']

/** How one tool runs a file of SQL. */
interface Way {
  /** Of a migration by its name; the first that exists. */
  paths(name: string): string[]
  /** The part that is run when it is applied, with an empty line in the place of each other one. */
  up?(sql: string): string
  /** `parsed`: what the file says. `command`: of the release step. */
  mode(sql: string, parsed: ParsedFile, command: readonly string[]): Mode
  tool: string
}

/** Lines from one that fits `begin` up to one that fits `end`. Without the first it is all of them. */
const between =
  (begin: RegExp, end: RegExp) =>
  (sql: string): string => {
    const lines = sql.split('\n')
    const from = lines.findIndex(line => begin.test(line))
    const to = lines.findIndex((line, n) => n > from && end.test(line))
    return lines.map((line, n) => (n > from && (to < 0 || n < to) ? line : '')).join('\n')
  }

const WAYS: Partial<Record<MigrationTool, Way>> = {
  prisma: {
    paths: name => [`${name}/migration.sql`],
    mode: (_, { count }) => (count > 1 ? 'each' : 'none'),
    tool: 'Prisma sends a file at once, which is one transaction; a file with one statement alone is none',
  },
  drizzle: {
    paths: name => [`${name}.sql`],
    mode: () => 'all',
    tool: 'drizzle-kit runs all pending migrations in one transaction, and knows no way out of it: run such a statement by hand, with `inn db shell`, or in a job',
  },
  'node-pg-migrate': {
    paths: name => [`${name}.sql`, `${name}.up.sql`],
    up: between(/^\s*--\s*up migration/i, /^\s*--\s*down migration/i),
    mode: (_, __, command) => (command.includes('--no-single-transaction') ? 'each' : 'all'),
    tool: 'node-pg-migrate runs all pending migrations in one transaction, unless it is called with --no-single-transaction',
  },
  'graphile-migrate': {
    paths: name => [name, `committed/${name}`],
    mode: sql => (/^--! no-transaction/im.test(sql) ? 'none' : 'each'),
    tool: '`--! no-transaction` as the first line of a graphile migration takes it out of its transaction',
  },
  dbmate: {
    paths: name => [name],
    up: between(/^\s*--\s*migrate:up/i, /^\s*--\s*migrate:down/i),
    mode: sql => (/^\s*--\s*migrate:up.*transaction:\s*false/im.test(sql) ? 'none' : 'each'),
    tool: '`-- migrate:up transaction:false` takes a migration of dbmate out of its transaction',
  },
  sql: {
    paths: name => [name],
    up: sqlOf,
    // What PostgreSQL refuses inside of a transaction is run again outside of one.
    mode: (sql, { statements }) =>
      wayOf(sqlOf(sql)).kind === 'apart' ||
      statements.some(({ ops }) => ops.some(({ kind }) => kind === 'alone'))
        ? 'none'
        : 'each',
    tool: 'each file is one transaction, where PostgreSQL allows that',
  },
}

/** What the file of a pending migration says; null: it is code. */
export interface MigrationText {
  name: string
  /** Its path in the source. */
  path: string
  sql: string
  whole: string
  way: Way
  command: readonly string[]
}

export async function textOf(place: MigrationPlace, name: string): Promise<MigrationText | null> {
  const way = WAYS[place.tool]
  for (const own of way?.paths(name) ?? []) {
    const path = join(place.folder, own)
    const whole = await place.source.text(path)
    if (whole !== null)
      return {
        name,
        path,
        whole,
        sql: way!.up?.(whole) ?? whole,
        way: way!,
        command: place.config.release?.command ?? [],
      }
  }
  return null
}

export const migrationOf = ({ name, whole, way, command }: MigrationText, sql: ParsedFile): Migration => ({
  ...{ name, sql, mode: way.mode(whole, sql, command), tool: way.tool },
})

export const codeOf = (name: string, tool: MigrationTool): Migration => ({
  ...{ name, sql: null, mode: 'each' },
  tool: `${tool} runs code, which is not judged: only SQL is`,
})
