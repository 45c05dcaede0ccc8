import type { Store } from '../../db/db.ts'

/** Since when which release of an app serves, as far as it was looked. Times in milliseconds since 1970. */
export interface Watched {
  release: string
  since: number
}

export type UseStore = ReturnType<typeof useStore>

/** How often each statement of an app was asked, and when that number last grew. */
export const useStore = ({ sql }: Store) => ({
  async watched(app: string): Promise<Watched | null> {
    const row = await sql.selectFrom('statement_watch').selectAll().where('app', '=', app).executeTakeFirst()
    return row === undefined ? null : { release: row.release, since: row.since }
  },

  async calls(app: string): Promise<Map<string, number>> {
    const rows = await sql
      .selectFrom('statement_use')
      .select(['id', 'calls'])
      .where('app', '=', app)
      .execute()
    return new Map(rows.map(({ id, calls }) => [id, calls]))
  },

  /** Statements that were asked after a moment, with the time at which that was noticed. */
  async askedSince(app: string, moment: number): Promise<Map<string, number>> {
    const rows = await sql
      .selectFrom('statement_use')
      .select(['id', 'asked_at'])
      .where('app', '=', app)
      .where('asked_at', '>', moment)
      .execute()
    return new Map(rows.flatMap(({ id, asked_at }) => (asked_at === null ? [] : [[id, asked_at] as const])))
  },

  /** `grown`: statements with another number of calls than before. `gone`: those that are counted no more. */
  async keep(
    app: string,
    watched: Watched,
    { grown, gone, at }: { grown: ReadonlyMap<string, number>; gone: readonly string[]; at: number | null },
  ): Promise<void> {
    await sql.transaction().execute(async all => {
      await all
        .insertInto('statement_watch')
        .values({ app, ...watched })
        .onConflict(c => c.column('app').doUpdateSet(watched))
        .execute()
      for (const [id, calls] of grown)
        await all
          .insertInto('statement_use')
          .values({ app, id, calls, asked_at: at })
          .onConflict(c =>
            c.columns(['app', 'id']).doUpdateSet(at === null ? { calls } : { calls, asked_at: at }),
          )
          .execute()
      for (const id of gone)
        await all.deleteFrom('statement_use').where('app', '=', app).where('id', '=', id).execute()
    })
  },

  async forget(app: string): Promise<void> {
    await sql.deleteFrom('statement_use').where('app', '=', app).execute()
    await sql.deleteFrom('statement_watch').where('app', '=', app).execute()
  },
})
