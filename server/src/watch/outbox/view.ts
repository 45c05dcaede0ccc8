import { iso } from '../../kernel/moments.ts'
import type { Attempt } from '../messages/wire.ts'
import type { OutboxRow, OutboxStore } from './store.ts'
import type { MessageState, OutboxDay, OutboxMessage } from './wire.ts'

const DAY_MS = 86_400_000
const DAYS = 14
const FAILED: ReadonlySet<string> = new Set(['bounced', 'refused', 'suppressed'])

export const stateOf = ({ state }: Pick<OutboxRow, 'state'>): MessageState =>
  state === 'handed' ? 'sending' : state

/** `mayRead`: whether whom it is for may be seen, by who may end it, too. */
export async function viewOf(
  row: OutboxRow,
  { store, mayRead }: { store: Pick<OutboxStore, 'attempts'>; mayRead: boolean },
): Promise<OutboxMessage> {
  const tries = row.message === null ? [] : await store.attempts(row.message)
  return {
    // A key is made of what a message is about, which may be a person.
    key: mayRead ? row.key : null,
    ...{ id: row.id, app: row.app, channel: row.way, by: row.channel, template: row.template },
    to: mayRead ? row.recipient : null,
    state: stateOf(row),
    // What a server says of an address names it.
    why: mayRead || row.state === 'withheld' ? row.why : row.why === null ? null : 'its channel says why',
    at: iso(row.created_at),
    sendAt: iso(row.send_at),
    endedAt: row.ended_at === null ? null : iso(row.ended_at),
    can: mayRead && row.state === 'waiting' ? ['cancel'] : [],
    attempts: tries.map(({ at, ms, outcome, said }) => ({
      ...{ at: iso(at), ms, outcome: outcome as Attempt['outcome'], said: mayRead ? said : null },
    })),
  }
}

/** What ended on each of the last days. */
export function daysOf(
  rows: ReadonlyArray<{ state: string; ended_at: number | null }>,
  now: number,
): OutboxDay[] {
  const today = Math.floor(now / DAY_MS)
  return Array.from({ length: DAYS }, (_, n) => {
    const day = today - DAYS + 1 + n
    const own = rows.filter(row => row.ended_at !== null && Math.floor(row.ended_at / DAY_MS) === day)
    return {
      day: iso(day * DAY_MS).slice(0, 10),
      sent: own.filter(row => row.state === 'sent').length,
      failed: own.filter(row => FAILED.has(row.state)).length,
    }
  })
}

export const firstDay = (now: number): number => (Math.floor(now / DAY_MS) - DAYS + 1) * DAY_MS
