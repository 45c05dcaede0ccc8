import type { Transaction } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import type { Alert } from './alert.ts'
import type { Route } from './due.ts'
import type { Matcher, Silence } from './silence.ts'

type Sql = Store['sql']

export type AlertStore = ReturnType<typeof alertStore>

/** Alerts with what was told of them, silences and routes: a keeper that begins again neither forgets nor repeats. */
export const alertStore = ({ sql }: Store) => ({
  ...alerts(sql),
  ...silences(sql),
  ...routes(sql),
  /** Work that is written as a whole, or not at all. */
  changing: <T>(work: (sql: Transaction<Tables>) => Promise<T>): Promise<T> =>
    sql.transaction().execute(work),
})

function alerts(sql: Sql) {
  return {
    list: async (): Promise<Alert[]> =>
      (await sql.selectFrom('alert').selectAll().orderBy('since').execute()).map(toAlert),

    async keep(changed: readonly Alert[], within: Sql = sql): Promise<void> {
      for (const alert of changed) {
        const { source, fingerprint, ...values } = toRow(alert)
        await within
          .insertInto('alert')
          .values({ source, fingerprint, ...values })
          .onConflict(c => c.columns(['source', 'fingerprint']).doUpdateSet(values))
          .execute()
      }
    },

    /** Forgets what is over since before a moment. */
    async prune(before: number): Promise<void> {
      await sql.deleteFrom('alert').where('over_at', '<', before).execute()
    },
  }
}

const toRow = (alert: Alert): Tables['alert'] => ({
  ...{ source: alert.source, fingerprint: alert.fingerprint, url: alert.url, state: alert.state },
  ...{ occurrence: alert.occurrence, since: alert.since, updated_at: alert.updatedAt },
  ...{ starts_at: alert.startsAt, ends_at: alert.endsAt, over_at: alert.overAt },
  labels: JSON.stringify(alert.labels),
  annotations: JSON.stringify(alert.annotations),
  openings: JSON.stringify(alert.openings),
  told: JSON.stringify(alert.told),
  acked: JSON.stringify(alert.acked),
})

const toAlert = (row: Tables['alert']): Alert => ({
  ...{ source: row.source, fingerprint: row.fingerprint, url: row.url, state: row.state },
  ...{ occurrence: row.occurrence, since: row.since, updatedAt: row.updated_at },
  ...{ startsAt: row.starts_at, endsAt: row.ends_at, overAt: row.over_at },
  labels: JSON.parse(row.labels) as Alert['labels'],
  annotations: JSON.parse(row.annotations) as Alert['annotations'],
  openings: JSON.parse(row.openings) as number[],
  told: JSON.parse(row.told) as Alert['told'],
  acked: JSON.parse(row.acked) as Alert['acked'],
})

function silences(sql: Sql) {
  return {
    async silences(): Promise<Silence[]> {
      const rows = await sql.selectFrom('silence').selectAll().orderBy('ends_at').execute()
      return rows.map(row => ({
        ...{ id: row.id, startsAt: row.starts_at, endsAt: row.ends_at, updatedAt: row.updated_at },
        ...{ createdBy: row.created_by, comment: row.comment },
        matchers: JSON.parse(row.matchers) as Matcher[],
      }))
    },

    async keepSilence(silence: Silence, within: Sql = sql): Promise<void> {
      const values = {
        ...{ starts_at: silence.startsAt, ends_at: silence.endsAt, updated_at: silence.updatedAt },
        ...{
          created_by: silence.createdBy,
          comment: silence.comment,
          matchers: JSON.stringify(silence.matchers),
        },
      }
      await within
        .insertInto('silence')
        .values({ id: silence.id, ...values })
        .onConflict(c => c.column('id').doUpdateSet(values))
        .execute()
    },

    async pruneSilences(before: number): Promise<void> {
      await sql.deleteFrom('silence').where('ends_at', '<', before).execute()
    },
  }
}

function routes(sql: Sql) {
  return {
    async routes(): Promise<Route[]> {
      const rows = await sql.selectFrom('alert_route').selectAll().orderBy('id').execute()
      return rows.map(row => ({
        ...{
          id: row.id,
          severity: row.severity,
          channel: row.channel,
          afterMs: row.after_ms,
          zone: row.zone,
        },
        hours: JSON.parse(row.hours) as Route['hours'],
        weeks: JSON.parse(row.weeks) as Route['weeks'],
      }))
    },

    async addRoute({ severity, channel, afterMs, zone, hours, weeks }: Omit<Route, 'id'>): Promise<number> {
      const { insertId } = await sql
        .insertInto('alert_route')
        .values({
          ...{ severity, channel, zone, after_ms: afterMs },
          ...{ hours: JSON.stringify(hours), weeks: JSON.stringify(weeks) },
        })
        .executeTakeFirstOrThrow()
      return Number(insertId)
    },

    async removeRoute(id: number): Promise<boolean> {
      const { numDeletedRows } = await sql.deleteFrom('alert_route').where('id', '=', id).executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}
