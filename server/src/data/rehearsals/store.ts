import type { Store } from '../../db/db.ts'
import type { Report, Showed } from './rehearsal.ts'

/** So many reports of each app are kept. */
const KEPT = 20

export type RehearsalStore = ReturnType<typeof rehearsalStore>

export const rehearsalStore = ({ sql }: Store) => ({
  /** A second report of the same run takes the place of the first. */
  async keep({ id, app, upload, at, says, ...showed }: Report): Promise<void> {
    const row = { app, upload, at, says, report: JSON.stringify(showed) }
    await sql
      .insertInto('rehearsal')
      .values({ id, ...row })
      .onConflict(c => c.column('id').doUpdateSet(row))
      .execute()
    const old = sql
      .selectFrom('rehearsal')
      .select('id')
      .where('app', '=', app)
      .orderBy('at', 'desc')
      .offset(KEPT)
      .limit(-1)
    await sql.deleteFrom('rehearsal').where('id', 'in', old).execute()
  },

  /** Newest first. */
  async list(app: string): Promise<Report[]> {
    const rows = await sql
      .selectFrom('rehearsal')
      .selectAll()
      .where('app', '=', app)
      .orderBy('at', 'desc')
      .execute()
    return rows.map(({ report, ...row }) => ({ ...row, ...(JSON.parse(report) as Showed) }))
  },

  async forget(app: string): Promise<void> {
    await sql.deleteFrom('rehearsal').where('app', '=', app).execute()
  },
})
