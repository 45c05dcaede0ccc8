import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { plain } from '../../kernel/output.ts'
import type { MigrationPlace, Query } from '../databases/migrations.ts'
import type { Finished } from './runner.ts'
import { lineAt, wayOf } from './sql-file.ts'

export interface SilentOrder {
  place: MigrationPlace
  pending: readonly string[]
  query: Query
  done: Finished
}

/**
 * Why drizzle-kit's migrate failed: it exits 1 and prints a spinner, nothing else. The same statements are run once more
 * as it runs them, in one transaction and by the same role, and taken back: what PostgreSQL says then it said before.
 * null: the command is another one, or has words of its own.
 */
export async function reasonOf({ place, pending, query, done }: SilentOrder): Promise<string | null> {
  if (place.tool !== 'drizzle' || done.code === null || !silent(done.tail)) return null
  const files: Array<[name: string, sql: string]> = []
  for (const name of pending)
    files.push([name, (await place.source.text(join(place.folder, `${name}.sql`))) ?? ''])
  const said = files.every(([, sql]) => takenBack(sql)) ? await refusal(files, query) : null
  return said === null
    ? 'it printed no reason, and nothing is refused when its statements are tried again: the log of PostgreSQL has what it was (inn logs APP --service postgres)'
    : `it printed no reason; PostgreSQL says of ${said}`
}

/** A file that commits by itself could not be taken back. */
const takenBack = (sql: string): boolean => {
  const way = wayOf(sql)
  return way.kind === 'whole' && way.begin === 'begin'
}

/** The first refusal of a statement. Nobody waits for a lock a second time: that is told by who holds it. */
async function refusal(
  files: ReadonlyArray<readonly [name: string, sql: string]>,
  query: Query,
): Promise<string | null> {
  try {
    await query('begin')
    await query(`set local lock_timeout = '2s'`)
    for (const [name, sql] of files) {
      const said = await firstRefused(sql, query)
      if (said !== null) return `${name}.sql, when its statements are tried again and taken back: ${said}`
    }
    return null
  } finally {
    await query('rollback')
    await query('discard all')
  }
}

/** Whether its spinner is the last that was heard of it, but for what a package manager adds. */
const silent = (tail: string): boolean =>
  /applying migrations\.\.\.$/.test(
    plain(tail)
      .split(/[\r\n]+/)
      .map(line => line.trim())
      .filter(line => line !== '' && !/^(?:npm|yarn|\u2009?ELIFECYCLE)\b/i.test(line))
      .at(-1) ?? '',
  )

async function firstRefused(sql: string, query: Query): Promise<string | null> {
  let line = 0
  for (const text of sql.split('--> statement-breakpoint')) {
    try {
      await query(text)
    } catch (error) {
      if (error instanceof Failure) throw error
      const { message, position } = error as Error & { position?: string }
      const at = lineAt(text, position)
      return at === null ? message : `line ${line + at}: ${message}`
    }
    line += text.split('\n').length - 1
  }
  return null
}
