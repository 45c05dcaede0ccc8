import { sql } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Began } from './marks.ts'
import type { Facts } from './own.ts'

/** Runs that ended, by kind, app and outcome. They are counted in the store, so a keeper that starts again goes on. */
export async function runsOf({ sql: db }: Store): Promise<Facts['runs']> {
  const rows = await db
    .selectFrom('run')
    .select([
      'kind',
      'app',
      'outcome',
      sql<number>`count(*)`.as('count'),
      sql<number>`max(ended_at)`.as('last'),
    ])
    .where('outcome', 'is not', null)
    .groupBy(['kind', 'app', 'outcome'])
    .execute()
  return rows.map(row => ({ ...row, outcome: row.outcome ?? '' }))
}

export async function underWay({ sql: db }: Store): Promise<number> {
  const row = await db
    .selectFrom('run')
    .select(sql<number>`count(*)`.as('count'))
    .where('state', '<>', 'ended')
    .executeTakeFirstOrThrow()
  return row.count
}

export async function certificatesOf({ sql: db }: Store): Promise<Facts['certificates']> {
  const rows = await db.selectFrom('certificate').select(['app', 'valid_from', 'valid_to']).execute()
  return rows.map(({ app, valid_from, valid_to }) => ({ app, from: valid_from, to: valid_to }))
}

const HOUR_MS = 3_600_000

export async function messagesOf({ sql: db }: Store, now: number): Promise<Facts['messages']> {
  const count = sql<number>`count(*)`.as('count')
  const waiting = await db
    .selectFrom('message')
    .leftJoin('message_dispatch', 'message_dispatch.id', 'message.dispatch')
    .select(['message.channel', count])
    .where(({ or, eb }) => or([eb('message.dispatch', 'is', null), eb('state', '=', 'open')]))
    .groupBy('message.channel')
    .orderBy('message.channel')
    .execute()
  const attempts = await db
    .selectFrom('message_attempt')
    .innerJoin('message_dispatch', 'message_dispatch.id', 'message_attempt.dispatch')
    .select(['channel', 'outcome', count])
    .where('at', '>', now - HOUR_MS)
    .groupBy(['channel', 'outcome'])
    .orderBy('channel')
    .execute()
  return {
    waiting: waiting.map(row => ({ ...row })),
    attempts: attempts.map(row => ({ ...row, outcome: row.outcome ?? '' })),
  }
}

/** When alerts began, as long as they are kept: a week after they are over. */
export async function alertsOf({ sql: db }: Store, app: string | null): Promise<Began[]> {
  const rows = await db.selectFrom('alert').select(['labels', 'openings']).execute()
  return rows.flatMap(row => {
    const labels = JSON.parse(row.labels) as Record<string, string>
    if (app !== null && labels['app'] !== app) return []
    const [name, whose] = [labels['alertname'] ?? 'alert', labels['app'] ?? null]
    return (JSON.parse(row.openings) as number[]).map(at => ({ name, app: whose, at }))
  })
}
