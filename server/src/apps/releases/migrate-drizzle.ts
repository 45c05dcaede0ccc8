import { join } from 'node:path'
import type { ReleaseStepConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import type { MigrationPlace, Query } from '../databases/migrations.ts'
import type { Finished } from './runner.ts'
import { lineAt } from './sql-file.ts'

export interface SilentOrder {
  place: MigrationPlace
  pending: readonly string[]
  query: Query
  step: ReleaseStepConfig
  done: Finished
}

/**
 * Why drizzle-kit's migrate failed: it exits 1 and prints a spinner, nothing else. The same statements are run once more
 * as it runs them, in one transaction and by the same role, and taken back: what PostgreSQL says then it said before.
 * null: the command is another one, has words of its own, or the statements go through.
 */
export async function reasonOf({ place, pending, query, step, done }: SilentOrder): Promise<string | null> {
  if (place.tool !== 'drizzle' || done.code === null || /error|fail|please|cannot/i.test(done.tail))
    return null
  if (!step.command.some(part => part.includes('drizzle-kit') || /^(npm|pnpm|yarn)$/.test(part))) return null
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
