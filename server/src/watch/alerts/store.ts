import type { Store } from '../../db/db.ts'
import type { Alert } from './rule.ts'

export type AlertStore = ReturnType<typeof alertStore>

/** Alerts that were reported already, so that a restarted keeper does not repeat them. */
export function alertStore({ sql }: Store) {
  return {
    list: (): Promise<Alert[]> => sql.selectFrom('alert').selectAll().orderBy('since').execute(),

    /** Replaces all alerts. One that is left out is over. */
    async replace(alerts: readonly Alert[]): Promise<void> {
      await sql.transaction().execute(async changed => {
        await changed.deleteFrom('alert').execute()
        if (alerts.length > 0)
          await changed
            .insertInto('alert')
            .values([...alerts])
            .execute()
      })
    },
  }
}
