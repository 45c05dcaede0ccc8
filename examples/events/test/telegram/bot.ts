import { type Answer, bad, parsed, type Payload, Refusal, refusal, type Update } from './wire.ts'

/** What Telegram allows one bot: in all and per chat by the second, per group by the minute. */
export const LIMITS = { all: 30, chat: 1, group: 20 }
const SECOND = 1000
const MINUTE = 60_000
const LONGEST_POLL = 50
const CONFLICT = 'Conflict:'

interface Poller {
  limit: number
  finish(answer: Answer): void
}
interface Rule {
  limit: number
  span: number
  of(sent: { chat: number }): boolean
}

/** What Telegram keeps for one token. */
export class Bot {
  readonly profile
  webhook = ''
  commands: unknown = []
  readonly #updates: readonly Update[]
  readonly #sent: { at: number; chat: number }[] = []
  #confirmed = 0
  #allowed: string[] = []
  #poller: Poller | undefined

  constructor(token: string, updates: readonly Update[]) {
    const id = Number(token.split(':')[0])
    this.profile = { id, is_bot: true, first_name: 'Test Bot', username: `test_${id}_bot`, can_join_groups: true }
    this.#updates = updates
  }

  get pending(): number {
    return this.#updates.length - this.#confirmed
  }

  /** Counts a message, or refuses it: a refused one does not count. */
  pass(chat: number, now: number): void {
    while (this.#sent[0] && this.#sent[0].at <= now - MINUTE) this.#sent.shift()
    const wait = Math.max(
      this.#wait(now, { limit: LIMITS.all, span: SECOND, of: () => true }),
      this.#wait(now, { limit: LIMITS.chat, span: SECOND, of: sent => sent.chat === chat }),
      chat < 0 ? this.#wait(now, { limit: LIMITS.group, span: MINUTE, of: sent => sent.chat === chat }) : 0,
    )
    const seconds = Math.ceil(wait / SECOND)
    if (wait > 0) throw new Refusal(429, `Too Many Requests: retry after ${seconds}`, seconds)
    this.#sent.push({ at: now, chat })
  }

  #wait(now: number, { limit, span, of }: Rule): number {
    const inSpan = this.#sent.filter(sent => sent.at > now - span && of(sent))
    return inSpan.length < limit ? 0 : inSpan[inSpan.length - limit]!.at + span - now
  }

  /** Resolves when there is something, when the time is over, when another comes, or when the asker is gone. */
  poll({ offset, timeout, limit, allowed_updates }: Payload, whenGone: (left: () => void) => void): Promise<Answer> {
    if (this.webhook)
      throw new Refusal(
        409,
        `${CONFLICT} can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first`,
      )
    // It is the one that came first who is sent away.
    this.#dismiss(`${CONFLICT} terminated by other getUpdates request; make sure that only one bot instance is running`)
    this.#confirm(Number(offset ?? 0))
    if (allowed_updates) this.#allowed = parsed(allowed_updates) as string[]
    return new Promise(resolve => {
      const end = () => poller.finish({ ok: true, result: [] })
      const timer = setTimeout(end, Math.min(Number(timeout ?? 0), LONGEST_POLL) * SECOND)
      const poller: Poller = {
        limit: Number(limit ?? 100),
        finish: answer => {
          clearTimeout(timer)
          if (this.#poller === poller) this.#poller = undefined
          resolve(answer)
        },
      }
      this.#poller = poller
      whenGone(end)
      this.deliver()
    })
  }

  /** Ends a waiting poll when there is something for it. */
  deliver(): void {
    const wanted = (update: Update) => this.#allowed.length === 0 || this.#allowed.some(type => type in update)
    const result = this.#updates.slice(this.#confirmed).filter(wanted).slice(0, this.#poller?.limit)
    if (result.length > 0) this.#poller?.finish({ ok: true, result })
  }

  /** A negative offset counts from the end. */
  #confirm(offset: number): void {
    const upTo =
      offset > 0 ? Math.min(offset - 1, this.#updates.length) : offset < 0 ? this.#updates.length + offset : 0
    this.#confirmed = Math.max(this.#confirmed, upTo)
  }

  #dismiss(description: string): void {
    this.#poller?.finish(refusal(new Refusal(409, description)))
  }

  setWebhook(url: string): true {
    if (url && !url.startsWith('https://')) throw bad('bad webhook: An HTTPS URL must be provided for webhook')
    this.webhook = url
    this.#dismiss(`${CONFLICT} terminated by setWebhook request`)
    return true
  }

  setCommands(commands: unknown): true {
    this.commands = commands
    return true
  }

  deleteWebhook(dropPending: boolean): true {
    this.webhook = ''
    if (dropPending) this.#confirmed = this.#updates.length
    return true
  }
}
