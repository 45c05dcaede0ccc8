import type { Secret } from '../../kernel/secret.ts'
import type { Channel } from '../../watch/messages/channel.ts'
import { judged, post } from './post.ts'
import { plainText } from './words.ts'

const MOST = 4_096
const SECOND = 1_000
/** A request may take longer on its way than the one after it, so that they come nearer to each other than they left. */
const MARGIN_MS = 100

export interface TelegramSettings {
  /** A number; below zero: a group. `@name`: a public channel. */
  chat: string
  /** Address of the Bot API. */
  at: string
}

/**
 * Telegram's Bot API. It has three limits: about 30 messages a second of one bot, one a second in a chat, 20 a minute in
 * a group. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
 */
export function telegram({ chat, at }: TelegramSettings, token: Secret): Channel {
  // The number before the colon is the bot's public name.
  const bot = `telegram ${token.reveal().split(':')[0]}`
  const inChat = `${bot} ${chat}`
  const group = chat.startsWith('-') || chat.startsWith('@')
  return {
    digests: true,
    limits: [
      { scope: bot, most: 30, perMs: SECOND },
      { scope: inChat, most: 1, perMs: SECOND + MARGIN_MS },
      ...(group ? [{ scope: inChat, most: 20, perMs: 60 * SECOND + MARGIN_MS }] : []),
    ],
    async send(_, content, signal) {
      const body = {
        chat_id: chat,
        text: plainText(content, MOST),
        link_preview_options: { is_disabled: true },
      }
      const said = await post({ url: `${at}/bot${token.reveal()}/sendMessage`, body, signal })
      const result = said.json['result'] as { message_id?: number } | undefined
      const outcome = judged(said, result?.message_id === undefined ? null : String(result.message_id))
      if (outcome.type !== 'later') return outcome
      // In the body, in seconds; there is no header.
      const { retry_after: seconds } = (said.json['parameters'] ?? {}) as { retry_after?: number }
      return seconds === undefined ? outcome : { ...outcome, afterMs: seconds * SECOND }
    },
  }
}
