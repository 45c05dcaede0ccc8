import { setTimeout as sleep } from 'node:timers/promises'
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import type { Bot } from 'grammy'
import { PrismaService } from '../database/prisma.service.ts'
import { fateOf } from '../outbox/delay.ts'
import { OutboxService } from '../outbox/outbox.service.ts'
import { MINUTE, Pace } from '../outbox/pace.ts'
import { BOT, type MaybeBot } from './bot.ts'
import { cardOf } from './card.ts'

const REST_MS = 200
const REST_AFTER_TROUBLE_MS = 5_000

type Message = Awaited<ReturnType<OutboxService['claim']>>[number]

/** Sends what waits in the outbox, as fast as Telegram allows. It counts by itself, so there may be one only. */
@Injectable()
export class Sender implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #log = new Logger('Sender')
  #pace = new Pace()
  readonly #stop = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #ended: Promise<void> | undefined

  constructor(
    @Inject(BOT) private readonly bot: MaybeBot,
    private readonly outbox: OutboxService,
    private readonly prisma: PrismaService,
  ) {}

  onApplicationBootstrap(): void {
    if (this.bot) this.#ended = this.#run(this.bot)
  }

  async onModuleDestroy(): Promise<void> {
    this.#stop.abort()
    await this.#ended
    await Promise.all(this.#underWay)
  }

  async #run(bot: Bot): Promise<void> {
    let recovered = false
    while (!this.#stop.signal.aborted) {
      let rest = REST_MS
      try {
        if (!recovered) await this.#takeOver()
        recovered = true
        await this.#round(bot)
      } catch (error) {
        this.#log.error(`not sent: ${(error as Error).message.trim().split('\n').at(-1)}`)
        rest = REST_AFTER_TROUBLE_MS
      }
      await sleep(rest, undefined, { signal: this.#stop.signal }).catch(() => {})
    }
  }

  /** From the sender before: what it left behind, and what it used up of Telegram's patience. */
  async #takeOver(): Promise<void> {
    await this.outbox.recover()
    this.#pace = new Pace(await this.outbox.sentSince(new Date(Date.now() - MINUTE)))
  }

  async #round(bot: Bot): Promise<void> {
    const now = Date.now()
    const blocked = this.#pace.blocked(now)
    const room = this.#pace.room(now)
    if (room <= 0) return
    for (const message of await this.outbox.claim({ room, blocked })) {
      this.#pace.begin(message.chatId)
      const sending: Promise<void> = this.#send(bot, message)
        .catch((error: Error) => this.#log.error(`message ${message.id}: ${error.message}`))
        .finally(() => this.#underWay.delete(sending))
      this.#underWay.add(sending)
    }
  }

  async #send(bot: Bot, message: Message): Promise<void> {
    const { id, chatId, attempts } = message
    try {
      await this.#deliver(bot, message)
      this.#pace.end(chatId, Date.now())
      await this.outbox.sent(id)
    } catch (error) {
      const now = Date.now()
      this.#pace.end(chatId, now)
      const fate = fateOf(error, attempts)
      if (fate.is === 'sent') return this.outbox.sent(id)
      this.#log.warn(`message ${id} to ${chatId}: ${fate.reason}`)
      if (fate.is === 'failed') return this.outbox.failed(id, fate.reason)
      if (!fate.counts) this.#pace.pause(chatId, now + fate.wait)
      const counted = fate.counts ? attempts : attempts - 1
      await this.outbox.later(id, { error: fate.reason, notBefore: new Date(now + fate.wait), attempts: counted })
    }
  }

  async #deliver(bot: Bot, { kind, text, chatId, instanceId }: Message): Promise<void> {
    const chat = Number(chatId)
    if (kind === 'TEXT') return void (await bot.api.sendMessage(chat, text ?? ''))
    const include = { series: true, entries: { include: { user: true }, orderBy: { id: 'asc' } } } as const
    const instance = await this.prisma.instance.findUniqueOrThrow({ where: { id: instanceId! }, include })
    const card = cardOf(instance)
    if (kind === 'REFRESH') {
      // Without an announcement in the group there is nothing to write anew.
      if (instance.messageId)
        await bot.api.editMessageText(chat, instance.messageId, card.text, { reply_markup: card.keyboard })
      return
    }
    // Announced while the bot was away, and over by now.
    if (instance.startsAt <= new Date()) return
    const sent = await bot.api.sendMessage(chat, card.text, { reply_markup: card.keyboard })
    await this.prisma.instance.update({ where: { id: instance.id }, data: { messageId: sent.message_id } })
  }
}
