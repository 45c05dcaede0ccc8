import type { Store } from '../../db/db.ts'
import type { Branch } from './lineage.ts'
import type { Names, SwapRecord } from './step.ts'

export type RestoreStore = ReturnType<typeof restoreStore>

/** A restore whose earlier data is still there. */
export interface Kept {
  app: string
  /** When it took place, milliseconds since 1970. */
  at: number
  names: Names
  record: SwapRecord
}

/** Restores that replaced an app's data. What they put aside stays until a person discards it. */
export function restoreStore({ sql }: Store, now: () => number) {
  return {
    async swapped(app: string, { copy, fresh, aside, url, alone }: Names, record: SwapRecord): Promise<void> {
      await this.settle(app, aside, null)
      await sql
        .insertInto('restore')
        .values({
          app,
          at: now(),
          names: JSON.stringify({ copy, fresh, aside, url, alone }),
          record: JSON.stringify(record),
          state: 'kept',
        })
        .execute()
    },

    /** Sets how a restore ended. null: forgets it, because its step runs again. */
    async settle(app: string, aside: string, state: 'undone' | 'discarded' | null): Promise<void> {
      const all = await sql.selectFrom('restore').selectAll().where('app', '=', app).execute()
      for (const row of all.filter(r => (JSON.parse(r.names) as Names).aside === aside)) {
        if (state === null) await sql.deleteFrom('restore').where('id', '=', row.id).execute()
        else await sql.updateTable('restore').set({ state }).where('id', '=', row.id).execute()
      }
    },

    /** Notes a timeline of the app's cluster; does nothing when it is known. */
    async branch(app: string, branch: Branch): Promise<void> {
      await sql
        .insertInto('timeline')
        .values({ app, ...branch })
        .onConflict(c => c.doNothing())
        .execute()
    },

    /** The timelines of the app's cluster, oldest first. */
    branches: (app: string): Promise<Branch[]> =>
      sql
        .selectFrom('timeline')
        .select(['timeline', 'since', 'parent', 'moment', 'lost'])
        .where('app', '=', app)
        .orderBy('since')
        .execute(),

    /** Restores whose earlier data is still there, newest first; of one app or of all. */
    async kept(app?: string): Promise<Kept[]> {
      const all = sql.selectFrom('restore').selectAll().where('state', '=', 'kept').orderBy('at', 'desc')
      const rows = await (app === undefined ? all : all.where('app', '=', app)).execute()
      return rows.map(row => ({
        app: row.app,
        at: row.at,
        names: JSON.parse(row.names) as Names,
        record: JSON.parse(row.record) as SwapRecord,
      }))
    },
  }
}
