import type { Store } from '../../db/db.ts'
import type { Content } from './channel.ts'

type Sql = Store['sql']

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

/** Makes a dispatch of these messages, with its first try. */
export async function begin(
  changed: Sql,
  channel: string,
  rows: ReadonlyArray<{ id: number; content: string; recipient: string | null }>,
  { by, until, now }: Holder,
): Promise<Claim> {
  const values = { channel, state: 'open' as const, next_at: now, tries: 1, created_at: now }
  const { insertId } = await changed
    .insertInto('message_dispatch')
    .values({ ...values, recipient: rows[0]!.recipient, lease_by: by, lease_until: until })
    .executeTakeFirstOrThrow()
  const dispatch = Number(insertId)
  const ids = rows.map(row => row.id)
  await changed.updateTable('message').set({ dispatch }).where('id', 'in', ids).execute()
  await changed.insertInto('message_attempt').values({ dispatch, n: 1, at: now }).execute()
  return { dispatch, tries: 1, contents: rows.map(contentOf) }
}

export const contentOf = ({ content }: { content: string }): Content => JSON.parse(content) as Content
