/** What Telegram allows: messages a second in all and for each chat, and a minute for each group. */
const ALL = 30
const GROUP = 20
/** A little longer than Telegram's, because two messages may come closer together on their way. */
const SECOND = 1_050
export const MINUTE = 60_500

/** Counts from the answer to a message, which is after Telegram has counted it. */
export class Pace {
  #sent: { chat: bigint; at: number }[]
  readonly #underWay = new Set<bigint>()
  readonly #pausedUntil = new Map<bigint, number>()

  /** What was sent before this process began counts too. */
  constructor(sent: { chat: bigint; at: number }[] = []) {
    this.#sent = sent
  }

  /** How many messages may go out now. */
  room(now: number): number {
    return ALL - this.#underWay.size - this.#sent.filter(({ at }) => at > now - SECOND).length
  }

  /** Chats that have to wait. */
  blocked(now: number): bigint[] {
    this.#forget(now)
    const inMinute = new Map<bigint, number>()
    for (const { chat } of this.#sent) inMinute.set(chat, (inMinute.get(chat) ?? 0) + 1)
    const recent = this.#sent.filter(({ at }) => at > now - SECOND).map(({ chat }) => chat)
    const full = [...inMinute].filter(([chat, count]) => chat < 0n && count >= GROUP).map(([chat]) => chat)
    return [...new Set([...this.#underWay, ...this.#pausedUntil.keys(), ...recent, ...full])]
  }

  begin(chat: bigint): void {
    this.#underWay.add(chat)
  }

  end(chat: bigint, now: number): void {
    this.#underWay.delete(chat)
    this.#sent.push({ chat, at: now })
  }

  pause(chat: bigint, until: number): void {
    this.#pausedUntil.set(chat, until)
  }

  #forget(now: number): void {
    this.#sent = this.#sent.filter(({ at }) => at > now - MINUTE)
    for (const [chat, until] of this.#pausedUntil) if (until <= now) this.#pausedUntil.delete(chat)
  }
}
