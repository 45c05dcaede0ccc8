import { Bot } from 'grammy'
import { Config } from '../config.ts'

/** Longer than a poll is held, so that only a dead connection is cut. */
const PATIENCE_S = 40

/** Null without a token. */
export const BOT = Symbol('BOT')
export type MaybeBot = Bot | null

export const botProvider = {
  provide: BOT,
  inject: [Config],
  useFactory: ({ botToken, telegramApiRoot }: Config): MaybeBot =>
    botToken ? new Bot(botToken, { client: { apiRoot: telegramApiRoot, timeoutSeconds: PATIENCE_S } }) : null,
}
