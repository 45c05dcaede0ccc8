/**
 * A Telegram Bot API for tests: the same paths, answers, refusals and limits, with a real clock and no network.
 *
 *   const telegram = await startTelegram()          // in a test
 *   node telegram.ts --port 8081 --any-chat          // as a program; see /control below
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { Bot } from './telegram/bot.ts'
import {
  type Answer,
  bad,
  bodyOf,
  type Call,
  isTrue,
  markupOf,
  type Message,
  parsed,
  type Payload,
  type Person,
  type Press,
  type PressAnswer,
  Refusal,
  refusal,
  send,
  textOf,
  type Update,
} from './telegram/wire.ts'

export { LIMITS } from './telegram/bot.ts'
export type { Answer, Button, Call, Message, Person, Press, PressAnswer } from './telegram/wire.ts'

export interface Options {
  port?: number
  /** Any chat id exists. Otherwise only those that `addChat`, `say` or `press` named. */
  anyChat?: boolean
}

export class Telegram {
  url = ''
  readonly calls: Call[] = []
  readonly #anyChat: boolean
  readonly #bots = new Map<string, Bot>()
  readonly #chats = new Map<number, Message[]>()
  readonly #updates: Update[] = []
  readonly #presses = new Map<string, (answer: PressAnswer) => void>()
  readonly #faults: { method: string; answer: Answer }[] = []
  readonly #server: Server
  /** Names in small letters: Telegram does not mind how they are written. */
  readonly #methods: Record<string, (bot: Bot, payload: Payload) => unknown> = {
    getme: bot => bot.profile,
    sendmessage: (bot, payload) => this.#sendMessage(bot, payload),
    editmessagetext: (bot, payload) => this.#editMessageText(bot, payload),
    answercallbackquery: (_, payload) => this.#answerCallbackQuery(payload),
    getchat: (_, payload) => this.#chat(payload) && placeOf(Number(payload.chat_id)),
    sendchataction: (_, payload) => Boolean(this.#chat(payload)),
    setwebhook: (bot, { url }) => bot.setWebhook(String(url ?? '')),
    deletewebhook: (bot, payload) => bot.deleteWebhook(isTrue(payload.drop_pending_updates)),
    getwebhookinfo: bot => ({ url: bot.webhook, has_custom_certificate: false, pending_update_count: bot.pending }),
    setmycommands: (bot, { commands }) => bot.setCommands(parsed(commands)),
    getmycommands: bot => bot.commands,
    deletemycommands: bot => bot.setCommands([]),
    close: () => true,
    logout: () => true,
  }

  constructor({ anyChat = false }: Options = {}) {
    this.#anyChat = anyChat
    this.#server = createServer((request, response) => this.#serve(request, response))
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this
  }

  async close(): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  addChat(id: number): void {
    if (!this.#chats.has(id)) this.#chats.set(id, [])
  }

  messages(chat: number): Message[] {
    return this.#chats.get(chat) ?? []
  }

  /** Somebody writes: in a group (a negative id), or to the bot in private. */
  say(chat: number, text: string, from: Person): Message {
    const message = this.#write(chat, { from, text })
    const command = /^\/\w+(@\w+)?/.exec(text)?.[0]
    const entities = command && [{ type: 'bot_command', offset: 0, length: command.length }]
    this.#tell({ message: { ...message, ...(entities && { entities }) } })
    return message
  }

  /** Somebody presses a button, named by its text or data. Resolves with what the bot answers. */
  press({ chat, message: id, button, from }: Press): Promise<PressAnswer> {
    const message = this.messages(chat).find(one => one.message_id === id)
    const keys = message?.reply_markup?.inline_keyboard.flat() ?? []
    const key = keys.find(one => one.text === button || one.callback_data === button)
    if (!key) throw new Error(`message ${id} of chat ${chat} has no button ${button}, but: ${keys.map(k => k.text)}`)
    const query = String(this.#updates.length + 1)
    this.#tell({ callback_query: { id: query, from, message, chat_instance: String(chat), data: key.callback_data } })
    return new Promise(resolve => this.#presses.set(query, resolve))
  }

  /** The next call of this method is answered so, and does nothing. */
  failNext(method: string, answer: Omit<Answer, 'ok'>): void {
    this.#faults.push({ method: method.toLowerCase(), answer: { ok: false, ...answer } })
  }

  #write(chat: number, { from, text, reply_markup }: Pick<Message, 'from' | 'text' | 'reply_markup'>): Message {
    this.addChat(chat)
    const messages = this.messages(chat)
    const message: Message = { message_id: messages.length + 1, date: seconds(), chat: placeOf(chat), from, text }
    if (reply_markup) message.reply_markup = reply_markup
    messages.push(message)
    return message
  }

  #tell(content: Payload): void {
    this.#updates.push({ update_id: this.#updates.length + 1, ...content })
    for (const bot of this.#bots.values()) bot.deliver()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://telegram')
    const payload = { ...Object.fromEntries(searchParams), ...(await bodyOf(request)) }
    const [, token, method] = /^\/bot([^/]+)\/(\w+)$/.exec(pathname) ?? []
    if (pathname.startsWith('/control/')) return send(response, await this.#control(pathname.slice(9), payload))
    if (!token || !method) return send(response, refusal(new Refusal(404, 'Not Found')))
    const answer = await this.#answer(token, method.toLowerCase(), payload, response)
    this.calls.push({ at: Date.now(), token, method, payload, answer })
    send(response, answer)
  }

  async #answer(token: string, method: string, payload: Payload, response: ServerResponse): Promise<Answer> {
    try {
      if (!/^\d{5,}:[\w-]{30,}$/.test(token)) throw new Refusal(401, 'Unauthorized')
      const bot = this.#bots.get(token) ?? new Bot(token, this.#updates)
      this.#bots.set(token, bot)
      const fault = this.#faults.findIndex(one => one.method === method)
      if (fault >= 0) return this.#faults.splice(fault, 1)[0]!.answer
      if (method === 'getupdates') return await bot.poll(payload, left => response.once('close', left))
      const call = this.#methods[method]
      if (!call) throw new Refusal(404, 'Not Found: method not found')
      return { ok: true, result: call(bot, payload) }
    } catch (error) {
      return refusal(error)
    }
  }

  #chat(payload: Payload): Message[] {
    const id = Number(payload.chat_id)
    if (!id) throw bad('chat_id is empty')
    if (this.#anyChat) this.addChat(id)
    const messages = this.#chats.get(id)
    if (!messages) throw bad('chat not found')
    return messages
  }

  #sendMessage(bot: Bot, payload: Payload): Message {
    this.#chat(payload)
    const text = textOf(payload)
    bot.pass(Number(payload.chat_id), Date.now())
    return this.#write(Number(payload.chat_id), { from: bot.profile, text, reply_markup: markupOf(payload) })
  }

  #editMessageText(bot: Bot, payload: Payload): Message {
    const message = this.#chat(payload).find(one => one.message_id === Number(payload.message_id))
    const text = textOf(payload)
    const markup = markupOf(payload)
    if (!message) throw bad('message to edit not found')
    if (message.from.id !== bot.profile.id) throw bad("message can't be edited")
    if (message.text === text && JSON.stringify(message.reply_markup) === JSON.stringify(markup)) {
      throw bad(
        'message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message',
      )
    }
    bot.pass(message.chat.id, Date.now())
    message.text = text
    message.edit_date = seconds()
    delete message.reply_markup
    if (markup) message.reply_markup = markup
    return message
  }

  #answerCallbackQuery(payload: Payload): true {
    const id = String(payload.callback_query_id)
    const resolve = this.#presses.get(id)
    if (!resolve) throw bad('query is too old and response timeout expired or query ID is invalid')
    this.#presses.delete(id)
    resolve({ text: payload.text as string | undefined, show_alert: Boolean(payload.show_alert) })
    return true
  }

  /** For other processes: POST say, press, chats and fail; GET messages and calls, all or of one method. */
  async #control(action: string, payload: Payload): Promise<Answer> {
    try {
      const from = parsed(payload.from) as Person
      switch (action) {
        case 'say':
          return { ok: true, result: this.say(Number(payload.chat), String(payload.text), from) }
        case 'press': {
          const [chat, message, button] = [Number(payload.chat), Number(payload.message), String(payload.button)]
          return { ok: true, result: await this.press({ chat, message, button, from }) }
        }
        case 'chats':
          return { ok: true, result: this.addChat(Number(payload.chat)) ?? true }
        case 'fail':
          return { ok: true, result: this.failNext(String(payload.method), parsed(payload.answer) as Answer) ?? true }
        case 'messages':
          return { ok: true, result: this.messages(Number(payload.chat)) }
        case 'calls':
          return { ok: true, result: this.calls.filter(call => !payload.method || call.method === payload.method) }
        default:
          throw new Refusal(404, `Not Found: no control ${action}`)
      }
    } catch (error) {
      return refusal(error)
    }
  }
}

/** A server of its own on loopback, at a free port unless one is given. */
export const startTelegram = (options: Options = {}): Promise<Telegram> => new Telegram(options).listen(options.port)

const placeOf = (id: number): Message['chat'] =>
  id < 0 ? { id, type: 'supergroup', title: `Group ${-id}` } : { id, type: 'private' }
const seconds = () => Math.floor(Date.now() / 1000)

if (import.meta.main) {
  const { values } = parseArgs({
    options: { port: { type: 'string', default: '0' }, 'any-chat': { type: 'boolean', default: false } },
  })
  const telegram = await startTelegram({ port: Number(values.port), anyChat: values['any-chat'] })
  process.stdout.write(`${telegram.url}\n`)
}
