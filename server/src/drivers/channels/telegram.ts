import type { Secret } from '../../kernel/secret.ts'
import type { Channel, Content, Draw, Outcome, Press } from '../../watch/messages/channel.ts'
import { formOf, judged, type Post, post, type Said } from './post.ts'
import { pictureOf, plainText } from './words.ts'

const MOST = 4_096
/** Words that go with a picture. */
const MOST_BESIDE = 1_024
const SECOND = 1_000
/** A request may take longer on its way than the one after it, so that they come nearer to each other than they left. */
const MARGIN_MS = 100
/** How long Telegram holds a question for presses that has no answer yet. */
const HELD_SECONDS = 10
const ONE_CHAT = /^(?:-?\d{1,20}|@\w{5,32})$/
/** Begins what a button of ours sends; the key of the dispatch follows. */
const IN_HAND = 'ack '

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
export function telegram({ chat, at }: TelegramSettings, token: Secret, draw: Draw): Channel {
  // The number before the colon is the bot's public name.
  const bot = `telegram ${token.reveal().split(':')[0]}`
  const inChat = `${bot} ${chat}`
  // Everybody reads a public channel, so that everybody could press a button there.
  const open = chat.startsWith('@')
  const call = (method: string, body: Post['body'], signal: AbortSignal) =>
    post({ url: `${at}/bot${token.reveal()}/${method}`, body, signal })
  return {
    digests: true,
    limits: [
      { scope: bot, most: 30, perMs: SECOND },
      { scope: inChat, most: 1, perMs: SECOND + MARGIN_MS },
      ...(chat.startsWith('-') || open ? [{ scope: inChat, most: 20, perMs: 60 * SECOND + MARGIN_MS }] : []),
    ],
    // Of one chat's own limit Telegram says itself when it is over: no two letters are under way to one chat.
    letters: { limits: [{ scope: bot, most: 25, perMs: SECOND }] },
    async send(key, content, signal) {
      const { letter } = content
      if (letter !== undefined && !ONE_CHAT.test(letter.to)) return { type: 'bounced', why: 'no chat' }
      const common = { chat_id: letter?.to ?? chat, ...(open ? {} : buttonOf(key, content)) }
      const text = plainText(content, MOST)
      // Words count more than a picture.
      const png = text.length > MOST_BESIDE ? null : await pictureOf(content, draw)
      const outcome = outcomeOf(
        png === null
          ? await call(
              'sendMessage',
              { ...common, text, link_preview_options: { is_disabled: true } },
              signal,
            )
          : await call('sendPhoto', formOf({ ...common, caption: text }, 'photo', png), signal),
      )
      return letter === undefined ? outcome : ofLetter(outcome)
    },
    ...(open ? {} : { pressed: pressing(chat, call) }),
  }
}

function buttonOf(key: string, { incidents }: Content) {
  if (!incidents.some(({ event }) => event === 'begun')) return {}
  const button = { text: 'I have it in hand', callback_data: `${IN_HAND}${key}` }
  return { reply_markup: { inline_keyboard: [[button]] } }
}

function outcomeOf(said: Said): Outcome {
  const result = said.json['result'] as { message_id?: number } | undefined
  const outcome = judged(said, result?.message_id === undefined ? null : String(result.message_id))
  if (outcome.type !== 'later') return outcome
  // In the body, in seconds; there is no header.
  const { retry_after: seconds } = (said.json['parameters'] ?? {}) as { retry_after?: number }
  return seconds === undefined ? outcome : { ...outcome, afterMs: seconds * SECOND }
}

/** Who blocked the bot, or was never there, takes nothing; the limit of a chat, or words that are refused, are of that letter alone. */
function ofLetter(outcome: Outcome): Outcome {
  if (outcome.type === 'refused' && /^(?:403 |400 .*chat not found)/i.test(outcome.why))
    return { type: 'bounced', why: outcome.why }
  const ofItself =
    (outcome.type === 'later' || outcome.type === 'refused') && /^4(?:00|29) /.test(outcome.why)
  return ofItself ? { ...outcome, alone: true } : outcome
}

/** https://core.telegram.org/bots/api#update, as far as it is asked for. */
interface Update {
  update_id: number
  callback_query?: {
    id: string
    data?: string
    from: { first_name: string; username?: string }
    message?: { chat: { id: number } }
  }
}

type Call = (method: string, body: object, signal: AbortSignal) => Promise<Said>

/** Waits for presses. An update is taken as read with the question after it, so that one whose press was not carried out comes again. */
function pressing(chat: string, call: Call): NonNullable<Channel['pressed']> {
  let offset = 0
  return async signal => {
    const asked = { offset, timeout: HELD_SECONDS, allowed_updates: ['callback_query'] }
    const said = await call('getUpdates', asked, signal)
    if (said.json['ok'] !== true)
      throw new Error(`Telegram answered ${said.status} ${said.text.slice(0, 200)}`)
    const updates = said.json['result'] as Update[]
    offset = Math.max(offset, ...updates.map(one => one.update_id + 1))
    return updates.flatMap(({ callback_query: query }): Press[] => {
      // A bot can be in other chats, whose people have nothing to say here.
      if (query?.data?.startsWith(IN_HAND) !== true || String(query.message?.chat.id) !== chat) return []
      const { first_name: first, username } = query.from
      return [
        {
          key: query.data.slice(IN_HAND.length),
          by: `${first}${username === undefined ? '' : ` (@${username})`} on Telegram`,
          async answer(text) {
            await call('answerCallbackQuery', { callback_query_id: query.id, text }, signal)
          },
        },
      ]
    })
  }
}
