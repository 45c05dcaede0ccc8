import type { Store } from '../../db/db.ts'
import { keepSetting, readSetting } from '../../db/setting.ts'
import { type Draft, enqueue } from '../messages/store.ts'
import { PERIODS } from './due.ts'
import type { ReportPeriod } from './wire.ts'
import { ReportSettings } from './wire.ts'

const SETTING = 'reports'

export type ReportStore = ReturnType<typeof reportStore>

/** When reports are sent, and up to when each period was looked after. */
export const reportStore = (store: Store) => ({
  /** null: nobody has said anything else than the default. */
  async settings(): Promise<ReportSettings | null> {
    const kept = await readSetting(store, SETTING)
    return kept === null ? null : ReportSettings.parse(JSON.parse(kept))
  },

  /** What would have been due before is not sent. */
  async keep(settings: ReportSettings, now: number): Promise<void> {
    for (const period of PERIODS) await note(store.sql, period, now)
    await keepSetting(store, SETTING, JSON.stringify(settings))
  },

  /** A period that was never looked after is from now on. */
  async told(now: number): Promise<Record<ReportPeriod, number>> {
    const rows = await store.sql.selectFrom('report_told').selectAll().execute()
    const known = new Map(rows.map(row => [row.period, row.due_at]))
    for (const period of PERIODS) if (!known.has(period)) await note(store.sql, period, now)
    return { day: known.get('day') ?? now, week: known.get('week') ?? now, month: known.get('month') ?? now }
  },

  /** Writes down that a report that was due is sent, with its messages, or neither. */
  tell: (period: ReportPeriod, dueAt: number, drafts: readonly Draft[], now: number): Promise<void> =>
    store.sql.transaction().execute(async at => {
      await note(at, period, dueAt)
      await enqueue(at, drafts, now)
    }),

  /** Messages that nothing was due for. */
  send: async (drafts: readonly Draft[], now: number): Promise<void> =>
    void (await enqueue(store.sql, drafts, now)),
})

const note = async (sql: Store['sql'], period: ReportPeriod, dueAt: number): Promise<void> => {
  await sql
    .insertInto('report_told')
    .values({ period, due_at: dueAt })
    .onConflict(c => c.column('period').doUpdateSet({ due_at: dueAt }))
    .execute()
}
