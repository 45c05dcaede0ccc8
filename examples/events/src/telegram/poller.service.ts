import { setTimeout as sleep } from 'node:timers/promises'
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { GrammyError } from 'grammy'
import { BOT, type MaybeBot } from './bot.ts'
import { Commands, commands } from './commands.service.ts'
import { type PollingStatus, Pulse } from './pulse.service.ts'
import { Votes } from './votes.service.ts'

const HOLD_S = 20
const TRY_AGAIN_MS = 5_000

/** Asks Telegram what people wrote and pressed. Once for each token: of two, Telegram throws one out. */
@Injectable()
export class Poller implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #log = new Logger('Bot')
  readonly #stop = new AbortController()
  #ended: Promise<void> | undefined

  constructor(
    @Inject(BOT) private readonly bot: MaybeBot,
    private readonly pulse: Pulse,
    private readonly commands: Commands,
    private readonly votes: Votes,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.bot) {
      this.#log.log('no BOT_TOKEN: the bot is off')
      return
    }
    void this.pulse.beat('starting')
    this.commands.register(this.bot)
    this.votes.register(this.bot)
    this.bot.catch(({ error, ctx }) => this.#log.error(`update ${ctx.update.update_id}: ${String(error)}`))
    this.#watch(this.bot)
    this.#ended = this.#run(this.bot)
  }

  async onModuleDestroy(): Promise<void> {
    if (!this.bot) return
    this.#stop.abort()
    await this.bot.stop().catch(() => {})
    await this.#ended
    await this.pulse.beat('stopped')
  }

  /** Each poll says how it goes, also those that grammY repeats by itself. */
  #watch(bot: NonNullable<MaybeBot>): void {
    bot.api.config.use(async (previous, method, payload, signal) => {
      if (method !== 'getUpdates') return previous(method, payload, signal)
      // Telegram holds a poll that it accepts, so the first is believed while it is held.
      const held = setTimeout(() => void this.pulse.beat('polling'), 500)
      try {
        const answer = await previous(method, payload, signal)
        if (answer.ok) void this.pulse.beat('polling')
        return answer
      } catch (error) {
        if (!this.#stop.signal.aborted) void this.pulse.beat('failing', String(error))
        throw error
      } finally {
        clearTimeout(held)
      }
    })
  }

  async #run(bot: NonNullable<MaybeBot>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await bot.api.setMyCommands(commands)
        await bot.start({ timeout: HOLD_S, allowed_updates: ['message', 'callback_query'] })
      } catch (error) {
        if (this.#stop.signal.aborted) return
        void this.pulse.beat(statusOf(error), String(error))
        await sleep(TRY_AGAIN_MS, undefined, { signal: this.#stop.signal }).catch(() => {})
      }
    }
  }
}

function statusOf(error: unknown): PollingStatus {
  if (!(error instanceof GrammyError)) return 'failing'
  if (error.error_code === 409) return 'conflict'
  return error.error_code === 401 || error.error_code === 404 ? 'refused' : 'failing'
}
