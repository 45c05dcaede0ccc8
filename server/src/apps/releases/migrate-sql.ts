import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { checksumOf, type MigrationPlace, type Query, sqlTable } from '../databases/migrations.ts'
import { quoted } from '../databases/migrations-table.ts'
import { keptOf, lineAt, sqlOf, wayOf } from './sql-file.ts'
import type { Statement } from './sql-statements.ts'

/** How long a statement may wait for a lock, and how long it may take, in milliseconds. */
export interface Limits {
  lockMs: number
  statementMs: number
}

export interface SqlOrder {
  place: MigrationPlace
  pending: readonly string[]
  query: Query
  /** Of each file's session; null: its role has them. */
  limits: Limits | null
  say: (line: string) => void
}

/**
 * Applies files of SQL. Each and its record share one transaction where PostgreSQL allows that; otherwise its statements
 * run one after the other. No file sees settings, temporary tables or a role of the one before it: the output of pg_dump
 * empties the search path and lifts the limits of locks for the whole session.
 */
export async function applySql({ place, pending, query, limits, say }: SqlOrder): Promise<void> {
  const table = sqlTable(place)
  const at = quoted(table)
  if (table.schema !== 'public') await query(`create schema if not exists ${quoted(table.schema)}`)
  await query(
    `create table if not exists ${at} (name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
  )
  for (const name of pending) {
    const sql = (await place.source.text(join(place.folder, name)))!
    const record = async () => {
      await query('reset role')
      await query(`insert into ${at} (name, checksum) values ($1, $2)`, [name, checksumOf(sql)])
    }
    await query('discard all')
    if (limits !== null) await limit(query, limits)
    try {
      say(`applied: ${name}${await applyFile(sql, { query, record })}`)
    } catch (error) {
      throw told(name, error)
    }
  }
  if (pending.length > 0) await query('discard all')
}

async function limit(query: Query, { lockMs, statementMs }: Limits): Promise<void> {
  const set = (name: string, ms: number) =>
    query('select pg_catalog.set_config($1, $2, false)', [name, String(Math.round(ms))])
  await set('lock_timeout', lockMs)
  await set('statement_timeout', statementMs)
}

interface File {
  query: Query
  record: () => Promise<void>
}

/** Why a file failed, and what it left. */
class Stopped extends Error {
  readonly fix: string
  readonly facts: Record<string, unknown>
  constructor(why: string, fix: string, facts: Record<string, unknown> = {}, cause?: unknown) {
    super(why, { cause })
    this.fix = fix
    this.facts = facts
  }
}

const CORRECT = 'correct the file, then deploy again'

/** A connection that broke says so itself: whether the server still did what it was told last is not known. */
const told = (name: string, error: unknown): unknown =>
  error instanceof Stopped
    ? new Failure('release.failed', `${name} failed`, {
        why: error.message,
        fix: error.fix,
        facts: error.facts,
        cause: error.cause,
      })
    : error

async function applyFile(text: string, file: File): Promise<string> {
  const sql = sqlOf(text)
  const way = wayOf(sql)
  if (way.kind === 'refused') throw new Stopped(`${way.why}; nothing of it was run`, way.fix)
  if (way.kind === 'apart') return runApart(way.statements, sql, file)
  const { query, record } = file
  try {
    await query(way.begin)
    await query(way.body)
    await record()
    await query('commit')
    return ''
  } catch (error) {
    if (error instanceof Failure) throw error
    await query('rollback')
    if (refusesTransaction(error)) return runApart(way.statements.filter(inside(way)), sql, file)
    throw new Stopped(
      `${sayingLine(error, way.body, linesBefore(sql, way.offset))}; it was rolled back`,
      CORRECT,
      {},
      error,
    )
  }
}

/** Without the file's own begin and commit, which PostgreSQL has just refused for what stands between. */
const inside =
  ({ offset, body }: { offset: number; body: string }) =>
  ({ start }: Statement): boolean =>
    start >= offset && start < offset + body.length

/**
 * What PostgreSQL says of a statement that it runs outside of a transaction alone (25001: create index concurrently,
 * vacuum, create database, …), of a procedure that commits (2D000), and of an enum's value that is used in the
 * transaction that added it (55P04). `set transaction` too late is a 25001 too, and a mistake.
 */
function refusesTransaction(error: unknown): boolean {
  const { code, routine } = error as { code?: string; routine?: string }
  return code === '2D000' || code === '55P04' || (code === '25001' && /^Prevent/.test(routine ?? ''))
}

/** Runs statements one by one, each in a transaction of its own unless the file begins one. */
async function runApart(
  statements: readonly Statement[],
  sql: string,
  { query, record }: File,
): Promise<string> {
  for (const [n, { text, start }] of statements.entries()) {
    try {
      await query(text)
    } catch (error) {
      if (error instanceof Failure) throw error
      await query('rollback') // Outside of a transaction it is a warning.
      const saying = `statement ${n + 1} of ${statements.length}, ${sayingLine(error, text, linesBefore(sql, start), 1)}`
      throw stoppedAt(statements, n, saying, error)
    }
  }
  await record()
  return `, its ${statements.length === 1 ? 'statement' : `${statements.length} statements`} outside of one transaction`
}

function stoppedAt(
  statements: readonly Statement[],
  failed: number,
  saying: string,
  cause: unknown,
): Stopped {
  const kept = keptOf(statements, failed).map(n => n + 1)
  const facts = { statements: { kept, failed: failed + 1, of: statements.length } }
  if (kept.length === 0)
    return new Stopped(`${saying}; nothing of the file is applied`, CORRECT, facts, cause)
  const which = `${kept.length === 1 ? 'statement' : 'statements'} ${list(kept.map(String))} of the file ${kept.length === 1 ? 'was' : 'were'} applied and ${kept.length === 1 ? 'stays' : 'stay'}, because they ran outside of a transaction; the file is not recorded`
  const fix =
    'undo by hand what was applied, or write it so that it may run again (if not exists); correct the file, then deploy again'
  return new Stopped(`${saying}; ${which}`, fix, facts, cause)
}

const linesBefore = (sql: string, offset: number): number => sql.slice(0, offset).split('\n').length - 1

/** `otherwise`: the line of the text that is meant when PostgreSQL names no place in it. */
function sayingLine(error: unknown, text: string, before: number, otherwise: number | null = null): string {
  const { message, position } = error as Error & { position?: string }
  const line = lineAt(text, position) ?? otherwise
  return line === null ? message : `line ${before + line}: ${message}`
}
