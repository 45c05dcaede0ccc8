import type { Selectable } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { enqueue } from '../messages/store.ts'
import { endOf, type InLedger } from './rule.ts'

type Sql = Store['sql']

/** What is delivered, as it is kept until then. */
export interface Kept {
  subject: string | null
  text: string
  html: string | null
}

/** Messages on their way from the outbox to the ledger, and what the ledger says of them. */
export const ledgerOf = ({ sql }: Store) => ({
  /** By channel and app: how many are due, of channels that are there. */
  due: (now: number): Promise<Array<{ channel: string; app: string; n: number }>> =>
    dueIn(sql, now)
      .innerJoin('channel', 'channel.name', 'outbox.channel')
      .select(({ fn }) => ['outbox.channel', 'app', fn.countAll<number>().as('n')])
      .groupBy(['outbox.channel', 'app'])
      .execute(),

  /** When the next one that waits for its time is due; null: none does. */
  async nextAt(now: number): Promise<number | null> {
    const row = await sql
      .selectFrom('outbox')
      .select(({ fn }) => fn.min<number | null>('send_at').as('at'))
      .where('state', '=', 'waiting')
      .where('ended_at', 'is', null)
      .where('send_at', '>', now)
      .executeTakeFirst()
    return row?.at ?? null
  },

  /** What was due before a moment and has not ended. */
  overdue: (before: number): Promise<Array<{ channel: string; app: string; n: number; oldest: number }>> =>
    sql
      .selectFrom('outbox')
      .select(({ fn }) => ['channel', 'app', fn.countAll<number>().as('n'), fn.min('send_at').as('oldest')])
      .where('state', 'in', ['waiting', 'handed'])
      .where('ended_at', 'is', null)
      .where('send_at', '<', before)
      .groupBy(['channel', 'app'])
      .execute(),

  /** By channel: how many the ledger has in hand. */
  async handed(): Promise<Map<string, number>> {
    const rows = await handedIn(sql)
      .select(({ fn }) => ['outbox.channel', fn.countAll<number>().as('n')])
      .groupBy('outbox.channel')
      .execute()
    return new Map(rows.map(({ channel, n }) => [channel, n]))
  },

  /** Gives the oldest of an app to the ledger. Both are written at once, so that none is lost and none goes twice. */
  handOver: (
    { channel, app }: { channel: string; app: string },
    { most, now }: { most: number; now: number },
  ): Promise<void> =>
    sql.transaction().execute(async changed => {
      const rows = await dueIn(changed, now)
        .selectAll('outbox')
        .where('app', '=', app)
        .where('outbox.channel', '=', channel)
        .orderBy('send_at')
        .orderBy('outbox.created_at')
        .limit(most)
        .execute()
      for (const row of rows) {
        const [message] = await enqueue(changed, [{ channel, content: contentOf(row) }], now)
        await changed
          .updateTable('outbox')
          .set({ state: 'handed', content: null, message: message! })
          .where('id', '=', row.id)
          .execute()
      }
    }),

  /** Takes over from the ledger how messages ended. */
  async settle(now: number): Promise<void> {
    for (const { id, at, ...row } of await inLedger(sql)) {
      const end = endOf(row)
      if (end === null) continue
      await sql
        .updateTable('outbox')
        .set({ ...end, ended_at: at ?? now })
        .where('id', '=', id)
        .execute()
    }
  },

  /** Every try of a message that the ledger has. */
  attempts: (message: number) =>
    sql
      .selectFrom('message')
      .innerJoin('message_attempt', 'message_attempt.dispatch', 'message.dispatch')
      .select(['at', 'ms', 'outcome', 'said'])
      .where('message.id', '=', message)
      .orderBy('n')
      .execute(),
})

const dueIn = (sql: Sql, now: number) =>
  sql
    .selectFrom('outbox')
    .where('outbox.state', '=', 'waiting')
    .where('outbox.ended_at', 'is', null)
    .where('send_at', '<=', now)

const handedIn = (sql: Sql) =>
  sql.selectFrom('outbox').where('outbox.state', '=', 'handed').where('outbox.ended_at', 'is', null)

async function inLedger(sql: Sql): Promise<Array<InLedger & { id: string; at: number | null }>> {
  const rows = await handedIn(sql)
    .leftJoin('message', 'message.id', 'outbox.message')
    .leftJoin('message_dispatch', 'message_dispatch.id', 'message.dispatch')
    .leftJoin('message_attempt', join =>
      join
        .onRef('message_attempt.dispatch', '=', 'message_dispatch.id')
        .onRef('message_attempt.n', '=', 'message_dispatch.tries'),
    )
    .leftJoin('suppressed_address', join =>
      join
        .onRef('suppressed_address.channel', '=', 'outbox.channel')
        .on(({ eb, fn, ref }) =>
          eb('suppressed_address.address', '=', fn<string>('lower', [ref('outbox.recipient')])),
        ),
    )
    .select(['outbox.id', 'message.id as message', 'message_dispatch.state', 'outcome', 'said'])
    .select(['suppressed_address.address', 'message_dispatch.ended_at as at'])
    .execute()
  return rows.map(({ id, message, state, outcome, said, address, at }) => ({
    // What the ledger has forgotten ended long ago.
    ...{ id, state: message === null ? ('dropped' as const) : state, outcome, said, at },
    suppressed: address !== null,
  }))
}

function contentOf({ app, content, recipient }: Selectable<Tables['outbox']>) {
  const { subject, text, html } = JSON.parse(content!) as Kept
  const letter = { to: recipient, of: app, ...(html === null ? {} : { html }) }
  return { level: 'over' as const, title: subject ?? '', text, incidents: [], link: null, letter }
}
