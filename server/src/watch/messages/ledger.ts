import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { iso } from '../../kernel/moments.ts'
import type { Content } from './channel.ts'
import { ofAnApp } from './letters.ts'
import type { Attempt, MessageView } from './wire.ts'

interface Wanted {
  limit: number
  channel?: string
  id?: number
}

type Row = Pick<Tables['message'], 'channel' | 'content' | 'created_at'> & { recipient: string | null } & {
  passed_on: number
  id: number
  dispatch: number | null
  state: Tables['message_dispatch']['state'] | null
  next_at: number | null
  lease_until: number | null
}

/** What was told, newest first, with every try; without what apps send. */
export async function readLedger({ sql }: Store, { limit, channel, id }: Wanted): Promise<MessageView[]> {
  const rows: Row[] = await sql
    .selectFrom('message')
    .leftJoin('message_dispatch', 'message_dispatch.id', 'message.dispatch')
    .select([
      'message.id',
      'message.channel',
      'message.recipient',
      'content',
      'message.created_at',
      'dispatch',
      'passed_on',
    ])
    .select(['state', 'next_at', 'lease_until'])
    .where(({ not }) => not(ofAnApp))
    .$if(channel !== undefined, query => query.where('message.channel', '=', channel!))
    .$if(id !== undefined, query => query.where('message.id', '=', id!))
    .orderBy('message.id', 'desc')
    .limit(limit)
    .execute()
  const dispatches = [...new Set(rows.flatMap(row => row.dispatch ?? []))]
  if (dispatches.length === 0) return rows.map(row => toView(row, [], 1))
  const attempts = await sql
    .selectFrom('message_attempt')
    .selectAll()
    .where('dispatch', 'in', dispatches)
    .orderBy('n')
    .execute()
  const together = await sql
    .selectFrom('message')
    .select(['dispatch', ({ fn }) => fn.countAll<number>().as('n')])
    .where('dispatch', 'in', dispatches)
    .groupBy('dispatch')
    .execute()
  return rows.map(row =>
    toView(
      row,
      attempts.filter(one => one.dispatch === row.dispatch),
      together.find(one => one.dispatch === row.dispatch)?.n ?? 1,
    ),
  )
}

type AttemptRow = { at: number; ms: number | null; outcome: string | null; said: string | null }

function toView(row: Row, attempts: readonly AttemptRow[], together: number): MessageView {
  const { title, level } = JSON.parse(row.content) as Content
  const state =
    row.state === 'open' ? (row.lease_until === null ? 'waiting' : 'sending') : (row.state ?? 'waiting')
  return {
    ...{ id: row.id, channel: row.channel, to: row.recipient, level, title, state, together },
    at: iso(row.created_at),
    nextAt: row.state === 'open' && row.next_at !== null ? iso(row.next_at) : null,
    passedOn: row.passed_on === 1,
    attempts: attempts.map(({ at, ms, outcome, said }) => ({
      ...{ ms, said },
      at: iso(at),
      outcome: outcome as Attempt['outcome'],
    })),
  }
}
