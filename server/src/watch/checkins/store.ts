import type { Store } from '../../db/db.ts'
import type { Called } from './rule.ts'

export type CheckinStore = ReturnType<typeof checkinStore>

interface Named {
  app: string
  name: string
}

/** What jobs said. */
export const checkinStore = ({ sql }: Store) => ({
  async list(): Promise<Array<Named & { called: Called }>> {
    return (await sql.selectFrom('checkin').selectAll().execute()).map(row => ({
      ...{ app: row.app, name: row.name },
      called: {
        ...{ since: row.since, endedAt: row.ended_at, startedAt: row.started_at },
        ...{ failedAt: row.failed_at, code: row.code },
      },
    }))
  },

  async keep({ app, name }: Named, { since, endedAt, startedAt, failedAt, code }: Called): Promise<void> {
    const row = { since, ended_at: endedAt, started_at: startedAt, failed_at: failedAt, code }
    await sql
      .insertInto('checkin')
      .values({ app, name, ...row })
      .onConflict(c => c.columns(['app', 'name']).doUpdateSet(row))
      .execute()
  },

  async forget({ app, name }: Named): Promise<void> {
    await sql.deleteFrom('checkin').where('app', '=', app).where('name', '=', name).execute()
  },
})
