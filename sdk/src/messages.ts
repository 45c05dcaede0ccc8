import { randomUUID } from 'node:crypto'
import { ask, InnkeeperError, type Keeper, keeperHere, NoAnswer } from './keeper.ts'
import { type Kept, keptFolder, keptIn } from './kept.ts'
import { repeating } from './later.ts'

export { InnkeeperError } from './keeper.ts'

/** A message to one person. */
export interface Message {
  /** One e-mail address; for Telegram the number of a chat, or `@name` of a public channel. */
  to: string
  /** The name of a file in `messages/` of the app, without its ending. */
  template: string
  /** What the template shows: what JSON can carry. */
  variables?: Readonly<Record<string, unknown>>
  /** Default: email. */
  channel?: 'email' | 'telegram'
  /** `de`, `de-AT`: which of the template's files is taken. */
  language?: string
  /** The same for each try of one message: a second one with it is the first one. Default: a new one for each call. */
  key?: string
  /** Default: now. */
  sendAt?: Date | string
}

/** How a message stands. `kept`: in a file of this app, until the keeper answers. `not-sent`: no Innkeeper runs this app. */
export type State =
  | 'waiting'
  | 'sending'
  | 'sent'
  | 'bounced'
  | 'refused'
  | 'cancelled'
  | 'suppressed'
  | 'withheld'
  | 'kept'
  | 'not-sent'

export interface Sent {
  state: State
  /** The keeper's name for it; null: the keeper does not have it yet, or there is none. */
  id: string | null
  key: string
}

export interface Status extends Omit<Sent, 'key'> {
  key: string | null
  /** Why it was not sent; null: it was, or is not over. */
  why: string | null
  /** ISO times. */
  sendAt: string
  endedAt: string | null
  attempts: ReadonlyArray<{ at: string; outcome: string | null; said: string | null }>
}

/** Which message: by what the keeper called it, or by the key that it was sent with. */
export type Which = { id: string } | { key: string }

export interface Options {
  /** How long the keeper may take for an answer. Default: 2,000. */
  timeoutMs?: number
}

export interface Messages {
  /**
   * Hands a message over. Resolves within `timeoutMs`: with the state that the keeper gave it, or `kept` where the keeper
   * does not answer. Rejects with InnkeeperError where the message has to be corrected, and nothing of it is kept then.
   */
  send(message: Message, options?: Options): Promise<Sent>
  /** What became of it. Rejects with InnkeeperError `outbox.unknown`, and with NoAnswer where the keeper does not answer. */
  status(which: Which, options?: Options): Promise<Status>
  /** Ends one that waits. Rejects as `status`, and with `outbox.too-late`. */
  cancel(which: Which, options?: Options): Promise<Status>
}

export interface Given {
  /** Default: what Innkeeper gives by INNKEEPER_SOCKET and INNKEEPER_APP_TOKEN; null: none. */
  keeper?: Keeper | null
  /** Where messages are kept that the keeper did not take. Default: below HOME. */
  folder?: string
  /** Called for each message where no Innkeeper runs this app. Default: the first is told of on standard error. */
  without?: (message: Message) => void
  /** Called where a kept message turns out to be one that has to be corrected: it is dropped. Default: standard error. */
  refused?: (error: InnkeeperError, key: string) => void
}

const TIMEOUT_MS = 2_000
/** What nobody waits for may take longer. */
const LATER_MS = 10_000

type Wire = Omit<Message, 'key' | 'sendAt'> & { key: string; sendAt?: string }

/** Messages of this app, for who wants them with other settings than `messages` has. */
export function createMessages(given: Given = {}): Messages {
  const keeper = given.keeper === undefined ? keeperHere() : given.keeper
  const kept = keptIn<Wire>(given.folder ?? keptFolder('messages'))
  const without = given.without ?? toldOnce()
  const later = repeating(() => sendKept(keeper, kept, given.refused ?? tellRefused))
  // What an earlier process of this app kept.
  if (keeper !== null) later.wake()

  async function keep(wire: Wire, reason: NoAnswer): Promise<Sent> {
    const room = await kept.add(wire)
    if (!room) throw full(reason)
    later.wake()
    return { state: 'kept', id: null, key: wire.key }
  }

  return {
    async send(message, { timeoutMs = TIMEOUT_MS } = {}) {
      const wire = wireOf(message)
      if (keeper === null) {
        without(message)
        return { state: 'not-sent', id: null, key: wire.key }
      }
      try {
        return (await ask(keeper, { method: 'POST', path: PATH, body: wire, timeoutMs })) as Sent
      } catch (error) {
        if (error instanceof NoAnswer) return keep(wire, error)
        throw error
      }
    },

    status: async (which, { timeoutMs = TIMEOUT_MS } = {}) =>
      (await ask(orNone(keeper), { method: 'GET', path: pathOf(which), timeoutMs })) as Status,

    async cancel(which, { timeoutMs = TIMEOUT_MS } = {}) {
      const own = 'key' in which ? await withdrawn(kept, which.key) : false
      try {
        return (await ask(orNone(keeper), { method: 'DELETE', path: pathOf(which), timeoutMs })) as Status
      } catch (error) {
        // It was kept here, and never reached the keeper.
        if (own && error instanceof InnkeeperError && error.code === 'outbox.unknown')
          return cancelledHere(which)
        throw error
      }
    },
  }
}

/** Messages of this app. */
export const messages: Messages = createMessages()

const PATH = '/v1/messages'
const pathOf = (which: Which): string =>
  'id' in which ? `${PATH}/${encodeURIComponent(which.id)}` : `${PATH}?key=${encodeURIComponent(which.key)}`

function wireOf({ sendAt, key, ...message }: Message): Wire {
  const at = sendAt instanceof Date ? sendAt.toISOString() : sendAt
  return { ...message, key: key ?? randomUUID(), ...(at === undefined ? {} : { sendAt: at }) }
}

/** Sends what is kept, the oldest first. It ends at the first that the keeper does not answer to. */
async function sendKept(
  keeper: Keeper | null,
  kept: Kept<Wire>,
  refused: NonNullable<Given['refused']>,
): Promise<{ left: boolean; moved: boolean }> {
  let moved = false
  if (keeper === null) return { left: false, moved }
  for await (const { file, one } of kept.all()) {
    try {
      await ask(keeper, { method: 'POST', path: PATH, body: one, timeoutMs: LATER_MS })
    } catch (error) {
      if (!(error instanceof InnkeeperError)) return { left: true, moved }
      refused(error, one.key)
    }
    await kept.remove(file)
    moved = true
  }
  return { left: false, moved }
}

/** Takes messages with this key out of what is kept. Whether there was one. */
async function withdrawn(kept: Kept<Wire>, key: string): Promise<boolean> {
  let found = false
  for await (const { file, one } of kept.all()) {
    if (one.key !== key) continue
    await kept.remove(file)
    found = true
  }
  return found
}

function cancelledHere(which: Which): Status {
  const now = new Date().toISOString()
  const key = 'key' in which ? which.key : null
  return { id: null, key, state: 'cancelled', why: null, sendAt: now, endedAt: now, attempts: [] }
}

function orNone(keeper: Keeper | null): Keeper {
  if (keeper !== null) return keeper
  throw new InnkeeperError({
    code: 'sdk.no-keeper',
    what: 'there is nobody to ask about messages',
    why: 'no Innkeeper runs this app, or its innkeeper.yaml has no messages:',
    fix: 'ask only where send() did not resolve with not-sent',
  })
}

const full = (reason: NoAnswer): InnkeeperError =>
  new InnkeeperError({
    code: 'sdk.full',
    what: 'the message was neither sent nor kept',
    why: `${reason.message}, and thousands are kept already`,
    fix: 'look at the keeper: inn status',
  })

function toldOnce(): (message: Message) => void {
  let told = false
  return ({ template }) => {
    if (!told)
      console.error(`no Innkeeper runs this app: messages are not sent (${template}, and those after it)`)
    told = true
  }
}

// Its message may name the address, and logs are read by more people than may see whom the app writes to.
const tellRefused = ({ code, fix }: InnkeeperError): void =>
  console.error(`a message that was kept is dropped, because the keeper refuses it: ${code}; ${fix}`)
