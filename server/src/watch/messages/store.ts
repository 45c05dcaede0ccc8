import { sql as raw } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Content, Outcome } from './channel.ts'
import { begin, type Claim, contentOf, type Holder } from './claim.ts'
import { end, endOf, letterStore } from './letters.ts'
import type { OpenDispatch } from './rule.ts'

/** A message that is decided on, for one channel; one with a letter, which only a channel with `letters` delivers, for one address. */
export interface Draft {
  channel: string
  content: Content
}

type Sql = Store['sql']

export type MessageStore = ReturnType<typeof messageStore>

/** The ledger: what has to be told, in which requests it goes, and every try of each. */
export const messageStore = (store: Store) => ({
  ...queues(store),
  ...claims(store),
  ...records(store),
  ...letterStore(store),
})

/**
 * Writes messages down, and says which they are. Called in the transaction that decides on them, so that neither is there
 * without the other.
 */
export async function enqueue(sql: Sql, drafts: readonly Draft[], now: number): Promise<number[]> {
  if (drafts.length === 0) return []
  const rows = drafts.map(({ channel, content }) => ({
    channel,
    content: JSON.stringify(content),
    created_at: now,
  }))
  const written = await sql.insertInto('message').values(rows).returning('id').execute()
  return written.map(({ id }) => id)
}

function queues({ sql }: Store) {
  return {
    /** Channels that have something to send to whom they are for. */
    async withWork(): Promise<string[]> {
      const [waiting, open] = await Promise.all([
        waitingIn(sql).select('channel').distinct().execute(),
        openIn(sql).select('channel').distinct().execute(),
      ])
      return [...new Set([...waiting, ...open].map(row => row.channel))]
    },

    async queue(channel: string): Promise<{ open: OpenDispatch | null; waiting: number }> {
      const open = await openIn(sql)
        .select(['id', 'next_at', 'lease_until'])
        .where('channel', '=', channel)
        .orderBy('id')
        .executeTakeFirst()
      const { waiting } = await waitingIn(sql)
        .select(({ fn }) => fn.countAll<number>().as('waiting'))
        .where('channel', '=', channel)
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

    /** When requests of a channel were begun since a moment, those with letters or all others. */
    async begun(channel: string, since: number, letters: boolean): Promise<number[]> {
      const rows = await sql
        .selectFrom('message_attempt')
        .innerJoin('message_dispatch', 'message_dispatch.id', 'message_attempt.dispatch')
        .select('at')
        .where('channel', '=', channel)
        .where('recipient', letters ? 'is not' : 'is', null)
        .where('at', '>', since)
        .execute()
      return rows.map(row => row.at)
    },
  }
}

const waitingIn = (sql: Sql) =>
  sql.selectFrom('message').where('dispatch', 'is', null).where('recipient', 'is', null)
const openIn = (sql: Sql) =>
  sql.selectFrom('message_dispatch').where('state', '=', 'open').where('recipient', 'is', null)

const undelivered = (sql: Sql, channel: string) =>
  sql
    .selectFrom('message')
    .leftJoin('message_dispatch', 'message_dispatch.id', 'message.dispatch')
    .where('message.channel', '=', channel)
    .where(({ or, eb }) =>
      or([eb('message.dispatch', 'is', null), eb('message_dispatch.state', '=', 'open')]),
    )

/** Those that may still be given to another channel: each message once, and not further on, and no letter. */
const own = (query: ReturnType<typeof undelivered>) =>
  query
    .where('message.passed_on', '=', 0)
    .where('message.origin', 'is', null)
    .where('message.recipient', 'is', null)

function claims({ sql }: Store) {
  return {
    /** Takes up to `most` waiting messages in hand, as one dispatch. null: there are none. */
    claimNew: (channel: string, most: number, holder: Holder): Promise<Claim | null> =>
      sql.transaction().execute(async changed => {
        const rows = await waitingIn(changed)
          .select(['id', 'content', 'recipient'])
          .where('channel', '=', channel)
          .orderBy('id')
          .limit(most)
          .execute()
        return rows.length === 0 ? null : begin(changed, channel, rows, holder)
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

function records({ sql }: Store) {
  return {
    /** Notes what became of a try. `nextAt`: when the next one is due; null: there is none. */
    record: (
      { dispatch, tries, contents }: Claim,
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
        const letter = contents[0]?.letter !== undefined
        const ended = letter ? endOf(outcome) : null
        if (ended !== null) return end(changed, dispatch, ended, now)
        const state = outcome.type === 'sent' ? ('sent' as const) : ('open' as const)
        await changed
          .updateTable('message_dispatch')
          .set({ state, next_at: nextAt ?? now, lease_by: null, lease_until: null })
          .$if(state === 'sent', query => query.set({ ended_at: now }))
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

    /** Forgets what was delivered before a moment, and letters that were dropped before it. */
    async prune(before: number): Promise<void> {
      const old = raw<boolean>`ended_at < ${before} and (state = 'sent' or (state = 'dropped' and recipient is not null))`
      await raw`delete from message where dispatch in (select id from message_dispatch where ${old})`.execute(
        sql,
      )
      await sql.deleteFrom('message_dispatch').where(old).execute()
    },
  }
}
