import { sql as raw } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Content, Outcome } from './channel.ts'
import type { OpenDispatch } from './rule.ts'

/** A message that is decided on, for one channel. */
export interface Draft {
  channel: string
  content: Content
}

/** A dispatch that somebody took in hand. */
export interface Claim {
  dispatch: number
  tries: number
  contents: Content[]
}

export interface Holder {
  /** Who has it in hand: a name for each process that sends. */
  by: string
  until: number
  now: number
}

type Sql = Store['sql']

export type MessageStore = ReturnType<typeof messageStore>

/** The ledger: what has to be told, in which requests it goes, and every try of each. */
export const messageStore = (store: Store) => ({
  ...queues(store),
  ...claims(store),
  ...records(store),
})

/** Writes messages down. Called in the transaction that decides on them, so that neither is there without the other. */
export async function enqueue(sql: Sql, drafts: readonly Draft[], now: number): Promise<void> {
  if (drafts.length === 0) return
  const rows = drafts.map(({ channel, content }) => ({
    channel,
    content: JSON.stringify(content),
    created_at: now,
  }))
  await sql.insertInto('message').values(rows).execute()
}

function queues({ sql }: Store) {
  return {
    /** Channels that have something to send. */
    async withWork(): Promise<string[]> {
      const [waiting, open] = await Promise.all([
        sql.selectFrom('message').select('channel').distinct().where('dispatch', 'is', null).execute(),
        sql.selectFrom('message_dispatch').select('channel').distinct().where('state', '=', 'open').execute(),
      ])
      return [...new Set([...waiting, ...open].map(row => row.channel))]
    },

    async queue(channel: string): Promise<{ open: OpenDispatch | null; waiting: number }> {
      const open = await sql
        .selectFrom('message_dispatch')
        .select(['id', 'next_at', 'lease_until'])
        .where('channel', '=', channel)
        .where('state', '=', 'open')
        .orderBy('id')
        .executeTakeFirst()
      const { waiting } = await sql
        .selectFrom('message')
        .select(({ fn }) => fn.countAll<number>().as('waiting'))
        .where('channel', '=', channel)
        .where('dispatch', 'is', null)
        .executeTakeFirstOrThrow()
      const kept = open && { id: open.id, nextAt: open.next_at, leaseUntil: open.lease_until }
      return { open: kept ?? null, waiting }
    },

    /** When the oldest message was decided on that is not delivered, and may still be given to another channel. */
    async oldest(channel: string): Promise<number | null> {
      const row = await own(undelivered(sql, channel))
        .select(({ fn }) => fn.min<number | null>('message.created_at').as('oldest'))
        .executeTakeFirst()
      return row?.oldest ?? null
    },

    /** How many messages are not delivered. */
    async undelivered(channel: string): Promise<number> {
      const row = await undelivered(sql, channel)
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
      return row.n
    },

    /** What went in a dispatch. */
    async contents(dispatch: number): Promise<Content[]> {
      const rows = await sql
        .selectFrom('message')
        .select('content')
        .where('dispatch', '=', dispatch)
        .execute()
      return rows.map(contentOf)
    },

    /** Messages that were delivered and tell of one of these occurrences of alerts. */
    async delivered(occurrences: readonly string[]) {
      if (occurrences.length === 0) return []
      const rows = await sql
        .selectFrom('message')
        .innerJoin('message_dispatch', 'message_dispatch.id', 'message.dispatch')
        .select(['message.id', 'message.channel', 'message.content', 'message_dispatch.ended_at as at'])
        .where('message_dispatch.state', '=', 'sent')
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom(raw<{ value: string }>`json_each(message.content, '$.incidents')`.as('told'))
              .select('told.value')
              .where(raw<string>`json_extract(told.value, '$.id')`, 'in', occurrences),
          ),
        )
        .execute()
      return rows.map(({ id, channel, content, at }) => ({
        ...{ id, channel, title: contentOf({ content }).title, at: at! },
      }))
    },

    /** When requests of a channel were begun, since a moment. */
    async begun(channel: string, since: number): Promise<number[]> {
      const rows = await sql
        .selectFrom('message_attempt')
        .innerJoin('message_dispatch', 'message_dispatch.id', 'message_attempt.dispatch')
        .select('at')
        .where('channel', '=', channel)
        .where('at', '>', since)
        .execute()
      return rows.map(row => row.at)
    },
  }
}

const undelivered = (sql: Sql, channel: string) =>
  sql
    .selectFrom('message')
    .leftJoin('message_dispatch', 'message_dispatch.id', 'message.dispatch')
    .where('message.channel', '=', channel)
    .where(({ or, eb }) =>
      or([eb('message.dispatch', 'is', null), eb('message_dispatch.state', '=', 'open')]),
    )

/** Those that may still be given to another channel: each message once, and not further on. */
const own = (query: ReturnType<typeof undelivered>) =>
  query.where('message.passed_on', '=', 0).where('message.origin', 'is', null)

function claims({ sql }: Store) {
  return {
    /** Takes up to `most` waiting messages in hand, as one dispatch. null: there are none. */
    claimNew: (channel: string, most: number, { by, until, now }: Holder): Promise<Claim | null> =>
      sql.transaction().execute(async changed => {
        const rows = await changed
          .selectFrom('message')
          .select(['id', 'content'])
          .where('channel', '=', channel)
          .where('dispatch', 'is', null)
          .orderBy('id')
          .limit(most)
          .execute()
        if (rows.length === 0) return null
        const values = { channel, state: 'open' as const, next_at: now, tries: 1, created_at: now }
        const { insertId } = await changed
          .insertInto('message_dispatch')
          .values({ ...values, lease_by: by, lease_until: until })
          .executeTakeFirstOrThrow()
        const dispatch = Number(insertId)
        const ids = rows.map(row => row.id)
        await changed.updateTable('message').set({ dispatch }).where('id', 'in', ids).execute()
        await changed.insertInto('message_attempt').values({ dispatch, n: 1, at: now }).execute()
        return { dispatch, tries: 1, contents: rows.map(contentOf) }
      }),

    /** Takes a dispatch in hand again that is due, or whose holder is gone. null: somebody else was quicker. */
    claimAgain: (dispatch: number, seen: OpenDispatch, { by, until, now }: Holder): Promise<Claim | null> =>
      sql.transaction().execute(async changed => {
        const taken = await changed
          .updateTable('message_dispatch')
          .set(({ eb }) => ({ lease_by: by, lease_until: until, tries: eb('tries', '+', 1) }))
          .where('id', '=', dispatch)
          .where('state', '=', 'open')
          .where('lease_until', seen.leaseUntil === null ? 'is' : '=', seen.leaseUntil)
          .returning('tries')
          .executeTakeFirst()
        if (taken === undefined) return null
        const { tries } = taken
        await changed.insertInto('message_attempt').values({ dispatch, n: tries, at: now }).execute()
        const rows = await changed
          .selectFrom('message')
          .select('content')
          .where('dispatch', '=', dispatch)
          .orderBy('id')
          .execute()
        return { dispatch, tries, contents: rows.map(contentOf) }
      }),
  }
}

const contentOf = ({ content }: { content: string }): Content => JSON.parse(content) as Content

function records({ sql }: Store) {
  return {
    /** Notes what became of a try. `nextAt`: when the next one is due; null: there is none. */
    record: (
      { dispatch, tries }: Claim,
      outcome: Outcome,
      { ms, now, nextAt }: { ms: number; now: number; nextAt: number | null },
    ): Promise<void> =>
      sql.transaction().execute(async changed => {
        const said = outcome.type === 'sent' ? outcome.reference : outcome.why
        await changed
          .updateTable('message_attempt')
          .set({ ms: Math.round(ms), outcome: outcome.type, said })
          .where('dispatch', '=', dispatch)
          .where('n', '=', tries)
          .execute()
        const state = outcome.type === 'sent' ? ('sent' as const) : ('open' as const)
        const ended = outcome.type === 'sent' ? { ended_at: now } : {}
        await changed
          .updateTable('message_dispatch')
          .set({ state, next_at: nextAt ?? now, lease_by: null, lease_until: null, ...ended })
          .where('id', '=', dispatch)
          .execute()
      }),

    /** Gives another channel what was decided on before a moment and is not delivered. */
    passOn: (
      channel: string,
      to: string,
      { before, now }: { before: number; now: number },
    ): Promise<number> =>
      sql.transaction().execute(async changed => {
        const rows = await own(undelivered(changed, channel))
          .select(['message.id', 'message.content'])
          .where('message.created_at', '<=', before)
          .orderBy('message.id')
          .execute()
        const ids = rows.map(row => row.id)
        if (ids.length === 0) return 0
        const values = rows.map(({ id, content }) => ({ channel: to, content, created_at: now, origin: id }))
        await changed.insertInto('message').values(values).execute()
        await changed.updateTable('message').set({ passed_on: 1 }).where('id', 'in', ids).execute()
        return ids.length
      }),

    /** Forgets what was delivered before a moment. */
    async prune(before: number): Promise<void> {
      await raw`delete from message where dispatch in (select id from message_dispatch where state = 'sent' and ended_at < ${before})`.execute(
        sql,
      )
      await sql
        .deleteFrom('message_dispatch')
        .where('state', '=', 'sent')
        .where('ended_at', '<', before)
        .execute()
    },
  }
}
