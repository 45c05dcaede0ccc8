import type { Store } from '../../db/db.ts'
import { type Draft, enqueue } from '../messages/store.ts'
import type { Counts } from './rule-days.ts'
import type { News } from './rule-news.ts'

export type StatusPageStore = ReturnType<typeof statusPageStore>

/** What a page is made of: how its components were, and what was told. */
export const statusPageStore = ({ sql }: Store) => ({
  /** `COMPONENT/DAY` → its counts. */
  async days(app: string): Promise<Map<string, Counts>> {
    const rows = await sql.selectFrom('status_day').selectAll().where('app', '=', app).execute()
    return new Map(
      rows.map(({ app: _, component, day, ...counts }) => [`${component}/${day}`, counts] as const),
    )
  },

  async keepDays(
    app: string,
    rows: ReadonlyArray<{ component: string; day: string; counts: Counts }>,
  ): Promise<void> {
    if (rows.length === 0) return
    await sql.transaction().execute(async changed => {
      for (const { component, day, counts } of rows)
        await changed
          .insertInto('status_day')
          .values({ app, component, day, ...counts })
          .onConflict(c => c.columns(['app', 'component', 'day']).doUpdateSet(counts))
          .execute()
    })
  },

  /** Forgets days before one, and those after another: a clock that was wrong made them. */
  async pruneDays(before: string, after: string): Promise<void> {
    await sql
      .deleteFrom('status_day')
      .where(({ or, eb }) => or([eb('day', '<', before), eb('day', '>', after)]))
      .execute()
  },

  /** Keys of what was told. */
  async told(app: string): Promise<Set<string>> {
    const rows = await sql.selectFrom('status_news').select('key').where('app', '=', app).execute()
    return new Set(rows.map(row => row.key))
  },

  /** The newest first. */
  news: (app: string, limit: number): Promise<News[]> =>
    sql
      .selectFrom('status_news')
      .select(['key', 'at', 'title', 'text'])
      .where('app', '=', app)
      .orderBy('at', 'desc')
      .limit(limit)
      .execute(),

  /** Notes what is told with the letters of it, or neither. */
  tell: (app: string, { key, at, title, text }: News, drafts: readonly Draft[], now: number): Promise<void> =>
    sql.transaction().execute(async changed => {
      const noted = await changed
        .insertInto('status_news')
        .values({ app, key, at, title, text })
        .onConflict(c => c.doNothing())
        .executeTakeFirst()
      if (noted.numInsertedOrUpdatedRows === 0n) return
      for (let n = 0; n < drafts.length; n += AT_ONCE)
        await enqueue(changed, drafts.slice(n, n + AT_ONCE), now)
    }),

  async pruneNews(before: number): Promise<void> {
    await sql.deleteFrom('status_news').where('at', '<', before).execute()
  },

  /** Apps of which something is kept. */
  async apps(): Promise<string[]> {
    const rows = await Promise.all([
      sql.selectFrom('status_day').select('app').distinct().execute(),
      sql.selectFrom('status_news').select('app').distinct().execute(),
      sql.selectFrom('subscriber').select('app').distinct().execute(),
    ])
    return [...new Set(rows.flat().map(row => row.app))]
  },

  forget: (app: string): Promise<void> =>
    sql.transaction().execute(async changed => {
      for (const table of ['status_day', 'status_news', 'subscriber'] as const)
        await changed.deleteFrom(table).where('app', '=', app).execute()
    }),
})

/** SQLite takes so many values in one statement, and more. */
const AT_ONCE = 500
