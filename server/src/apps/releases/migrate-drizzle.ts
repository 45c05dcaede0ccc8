import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { plain } from '../../kernel/output.ts'
import type { MigrationPlace, Query } from '../databases/migrations.ts'
import type { Finished } from './runner.ts'
import { lineAt } from './sql-file.ts'

export interface SilentOrder {
  place: MigrationPlace
  pending: readonly string[]
  query: Query
  done: Finished
}

/**
 * Why drizzle-kit's migrate failed: it exits 1 and prints a spinner, nothing else. The same statements are run once more
 * as it runs them, in one transaction and by the same role, and taken back: what PostgreSQL says then it said before.
 * null: the command is another one, has words of its own, or the statements go through.
 */
export async function reasonOf({ place, pending, query, done }: SilentOrder): Promise<string | null> {
  if (place.tool !== 'drizzle' || done.code === null || !silent(done.tail)) return null
  try {
    await query('begin')
    for (const name of pending) {
      const said = await firstRefused(
        (await place.source.text(join(place.folder, `${name}.sql`))) ?? '',
        query,
      )
      if (said !== null)
        return `it printed no reason; PostgreSQL says of ${name}.sql, when its statements are tried again and taken back: ${said}`
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
