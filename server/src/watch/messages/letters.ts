import { sql as raw } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Outcome } from './channel.ts'
import { begin, type Claim, type Holder } from './claim.ts'
import type { OpenDispatch } from './rule.ts'

type Sql = Store['sql']

/** Letters of the ledger: messages that name whom they are for. Each goes by itself, and those to one address in their order. */
export const letterStore = ({ sql }: Store) => ({
  /** Channels that have letters to send. */
  async withLetters(): Promise<string[]> {
    const [waiting, open] = await Promise.all([
      waitingIn(sql).select('channel').distinct().execute(),
      openIn(sql).select('channel').distinct().execute(),
    ])
    return [...new Set([...waiting, ...open].map(row => row.channel))]
  },

  /** `open`: what is to be tried again first; `waiting`: letters to addresses that nothing is under way to. */
  async letters(channel: string): Promise<{ open: OpenDispatch | null; waiting: number }> {
    const open = await openIn(sql)
      .select(['id', 'next_at', 'lease_until'])
      .where('channel', '=', channel)
      .orderBy(({ fn, eb }) => fn('max', [eb.ref('next_at'), fn.coalesce('lease_until', eb.val(0))]))
      .executeTakeFirst()
    const { n } = await free(sql, channel)
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    const kept = open && { id: open.id, nextAt: open.next_at, leaseUntil: open.lease_until }
    return { open: kept ?? null, waiting: n }
  },

  /** Takes the oldest of the waiting letters in hand. null: there are none. */
  claimLetter: (channel: string, holder: Holder): Promise<Claim | null> =>
    sql.transaction().execute(async changed => {
      const row = await free(changed, channel)
        .select(['id', 'content', 'recipient'])
        .orderBy('id')
        .executeTakeFirst()
      return row === undefined ? null : begin(changed, channel, [row], holder)
    }),

  /** Notes that an address takes no letters of a channel. */
  async suppressAddress(channel: string, { to, why }: { to: string; why: string }, now: number) {
    await sql
      .insertInto('suppressed_address')
      .values({ channel, address: to.toLowerCase(), at: now, why })
      .onConflict(c => c.columns(['channel', 'address']).doUpdateSet({ at: now, why }))
      .execute()
  },

  /** Drops letters that wait for addresses which take nothing. */
  async dropSuppressed(channel: string, now: number): Promise<void> {
    const rows = await waitingIn(sql)
      .select(['id', 'recipient'])
      .where('channel', '=', channel)
      .where(({ exists, selectFrom, fn, ref }) =>
        exists(
          selectFrom('suppressed_address')
            .select('address')
            .where('suppressed_address.channel', '=', channel)
            .where('address', '=', fn<string>('lower', [ref('message.recipient')])),
        ),
      )
      .execute()
    for (const row of rows) await drop(sql, channel, row, now)
  },

  /** Drops letters that were decided on before a moment: who waits for one does not wait for ever. */
  async giveUp(before: number, now: number): Promise<void> {
    const waiting = await waitingIn(sql)
      .select(['id', 'channel', 'recipient'])
      .where('created_at', '<', before)
      .execute()
    for (const row of waiting) await drop(sql, row.channel, row, now)
    const old = await openIn(sql).select('id').where('created_at', '<', before).execute()
    for (const { id } of old) await end(sql, id, 'dropped', now)
  },
})

/** Ends the dispatch of a letter. What it said is forgotten, because it may hold what only its reader was to have. */
export async function end(sql: Sql, dispatch: number, state: 'sent' | 'dropped', now: number): Promise<void> {
  await sql
    .updateTable('message_dispatch')
    .set({ state, lease_by: null, lease_until: null, ended_at: now })
    .where('id', '=', dispatch)
    .execute()
  await forgotten(sql).where('dispatch', '=', dispatch).execute()
}

/** Whether a letter is one that an app sends. */
export const ofAnApp = raw<boolean>`json_extract(message.content, '$.letter.of') is not null`

/** Leaves of letters whom they were for, and of our own their titles. */
export const forgotten = (sql: Sql) =>
  sql
    .updateTable('message')
    .set({
      content: raw<string>`json_remove(
        json_set(content, '$.text', '', '$.link', null, '$.title', iif(${ofAnApp}, '', json_extract(content, '$.title'))),
        '$.letter.html', '$.letter.headers')`,
    })
    .where('recipient', 'is not', null)

/** Takes all letters of an app out of the ledger, also those that are still to go. */
export async function forgetLetters(sql: Sql, app: string): Promise<void> {
  const own = raw<boolean>`recipient is not null and json_extract(content, '$.letter.of') = ${app}`
  const rows = await sql.selectFrom('message').select('dispatch').where(own).execute()
  const dispatches = rows.flatMap(({ dispatch }) => dispatch ?? [])
  await sql.deleteFrom('message').where(own).execute()
  for (const id of dispatches) await sql.deleteFrom('message_dispatch').where('id', '=', id).execute()
}

/** What becomes of a letter's dispatch with an outcome; null: it stays open. */
export const endOf = ({ type }: Outcome): 'sent' | 'dropped' | null =>
  type === 'sent' ? 'sent' : type === 'bounced' ? 'dropped' : null

async function drop(
  sql: Sql,
  channel: string,
  { id, recipient }: { id: number; recipient: string | null },
  now: number,
): Promise<void> {
  await sql.transaction().execute(async changed => {
    const { insertId } = await changed
      .insertInto('message_dispatch')
      .values({ channel, recipient, state: 'dropped', next_at: now, tries: 0, created_at: now })
      .executeTakeFirstOrThrow()
    const dispatch = Number(insertId)
    await changed.updateTable('message').set({ dispatch }).where('id', '=', id).execute()
    await end(changed, dispatch, 'dropped', now)
  })
}

const waitingIn = (sql: Sql) =>
  sql.selectFrom('message').where('dispatch', 'is', null).where('recipient', 'is not', null)
const openIn = (sql: Sql) =>
  sql.selectFrom('message_dispatch').where('state', '=', 'open').where('recipient', 'is not', null)

/** Letters that may go now: those to addresses that nothing is under way to. */
const free = (sql: Sql, channel: string) =>
  waitingIn(sql)
    .where('message.channel', '=', channel)
    .where(({ not, exists, selectFrom, ref }) =>
      not(
        exists(
          selectFrom('message_dispatch')
            .select('message_dispatch.id')
            .where('message_dispatch.channel', '=', channel)
            .where('message_dispatch.state', '=', 'open')
            .where('message_dispatch.recipient', '=', ref('message.recipient')),
        ),
      ),
    )
