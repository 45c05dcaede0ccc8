import type { Store } from '../../db/db.ts'
import { Failure } from '../../kernel/failure.ts'
import type { TableDifference } from '../restores/wire.ts'
import type { Comparison } from './table.ts'

export type TableStore = ReturnType<typeof tableStore>

/** Comparisons of tables, by the run that made them. They contain rows of an app, so they are kept only for a short while. */
export function tableStore({ sql }: Store, now: () => number) {
  return {
    async keep({ run, app, at, says, tables }: Comparison): Promise<void> {
      const values = { app, at, says, tables: JSON.stringify(tables), made_at: now() }
      await sql
        .insertInto('comparison')
        .values({ run, ...values })
        .onConflict(c => c.column('run').doUpdateSet(values))
        .execute()
    },

    async get(run: string): Promise<Comparison> {
      const row = await sql.selectFrom('comparison').selectAll().where('run', '=', run).executeTakeFirst()
      if (row === undefined)
        throw new Failure('comparison.unknown', `no comparison of tables is kept for the run ${run}`, {
          why: 'it compared nothing, or that is longer ago than a day',
          fix: '`inn restore --table NAME --to …` compares again',
        })
      const { app, at, says } = row
      return { run, app, at, says, tables: JSON.parse(row.tables) as TableDifference[] }
    },

    async olderThan(moment: number): Promise<string[]> {
      const rows = await sql.selectFrom('comparison').select('run').where('made_at', '<', moment).execute()
      return rows.map(row => row.run)
    },

    async forget(run: string): Promise<void> {
      await sql.deleteFrom('comparison').where('run', '=', run).execute()
    },
  }
}
