import type { Way } from '../../apps/templates/template.ts'
import { Failure } from '../../kernel/failure.ts'
import type { MessageState } from './wire.ts'

const DAY_MS = 86_400_000
/** How far ahead a message may be sent. */
export const LATEST_MS = 400 * DAY_MS
/** What may wait of one app: reminders for months, and not the disk of everybody. */
export const MOST_WAITING = 10_000
export const MOST_WAITING_BYTES = 64 * 1024 ** 2
/** So many of a channel are in the ledger at once: who sends by it beside a busy app waits for no more than these. */
export const MOST_HANDED = 20

const EMAIL =
  /^[^\s@,;:<>()[\]\\"\p{Cc}]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/iu
const CHAT = /^(?:-?\d{1,20}|@\w{5,32})$/

/** Refuses what is no address. A line break would end the header that it stands in. Failure `outbox.address`. */
export function checkAddress(way: Way, to: string): void {
  const good = way === 'email' ? to.length <= 254 && EMAIL.test(to) : CHAT.test(to)
  if (good) return
  const shown = JSON.stringify(to.slice(0, 80))
  throw new Failure('outbox.address', `${shown} is no ${way === 'email' ? 'e-mail address' : 'chat'}`, {
    why: /[\r\n]/.test(to)
      ? 'it has a line break: what follows would be taken for headers of the mail'
      : way === 'email'
        ? 'one address is written as name@example.com, with no name before it and no others beside it'
        : 'a chat is the number that Telegram gave it, or @name of a public channel',
    fix: 'correct it where it was entered',
  })
}

/** How many of each go now: one with few is not held up by one with many. `room`: how many in all. */
export function share(waiting: ReadonlyMap<string, number>, room: number): Map<string, number> {
  const given = new Map<string, number>()
  let left = Math.max(0, room)
  let open = [...waiting.keys()]
  while (left > 0 && open.length > 0) {
    for (const name of open.slice(0, left)) given.set(name, (given.get(name) ?? 0) + 1)
    left -= Math.min(left, open.length)
    open = open.filter(name => waiting.get(name)! > given.get(name)!)
  }
  return given
}

/** What the ledger says of a message that was handed over. `outcome`: of its last try. */
export interface InLedger {
  state: 'open' | 'sent' | 'dropped' | null
  outcome: string | null
  said: string | null
  /** Whether its address takes nothing. */
  suppressed: boolean
}

/** How it ended; null: it has not. */
export function endOf({ state, outcome, said, suppressed }: InLedger): {
  state: Extract<MessageState, 'sent' | 'bounced' | 'suppressed' | 'refused'>
  why: string | null
} | null {
  if (state === 'sent') return { state: 'sent', why: null }
  if (state !== 'dropped') return null
  if (outcome === 'bounced') return { state: 'bounced', why: said }
  if (suppressed) return { state: 'suppressed', why: SUPPRESSED }
  return { state: 'refused', why: said ?? 'its channel was removed, or took nothing for three days' }
}

export const SUPPRESSED = 'the address took nothing before'
