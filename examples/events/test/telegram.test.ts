import { deepEqual, equal, match, throws } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, type Message, startTelegram, type Telegram } from './telegram.ts'
import { Bot } from './telegram/bot.ts'
import { token } from './app.ts'

const nina = { id: 7, first_name: 'Nina' }
let telegram: Telegram

before(async () => {
  telegram = await startTelegram()
})
after(() => telegram.close())

async function call(method: string, payload: object = {}, as = token(0)): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${telegram.url}/bot${as}/${method}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(payload),
  })
  const answer = (await response.json()) as Answer
  equal(response.status, answer.error_code ?? 200)
  return answer
}

test('a token of the wrong shape is nobody, a method that is not there is not found', async () => {
  deepEqual(await call('getMe', {}, '12:short'), { ok: false, error_code: 401, description: 'Unauthorized' })
  equal((await call('getMe')).ok, true)
  equal((await call('getNothing')).error_code, 404)
})

test('updates wait until they are confirmed, and come at once to who waits', async () => {
  const as = token(1)
  telegram.say(7, '/start abc', nina)
  const first = (await call('getUpdates', {}, as)).result as { update_id: number; message: Message }[]
  const last = first.at(-1)!
  equal(last.message.text, '/start abc')
  deepEqual((await call('getUpdates', {}, as)).result, first)
  const held = call('getUpdates', { offset: last.update_id + 1, timeout: 20 }, as)
  await new Promise(resume => setTimeout(resume, 100))
  telegram.say(7, 'hello', nina)
  equal(((await held).result as { message: Message }[])[0]!.message.text, 'hello')
})

test('of two that poll with one token, the first is sent away; other tokens are not concerned', async () => {
  const [first, other] = [
    call('getUpdates', { timeout: 20, offset: 1000 }, token(2)),
    call('getUpdates', { timeout: 1, offset: 1000 }, token(3)),
  ]
  await new Promise(resume => setTimeout(resume, 100))
  const second = call('getUpdates', { timeout: 1 }, token(2))
  deepEqual(await first, {
    ok: false,
    error_code: 409,
    description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  })
  deepEqual([(await second).ok, (await other).ok], [true, true])
})

test('polling and a webhook exclude each other', async () => {
  match((await call('setWebhook', { url: 'http://x.example' }, token(4))).description ?? '', /HTTPS/)
  await call('setWebhook', { url: 'https://x.example' }, token(4))
  equal((await call('getUpdates', {}, token(4))).error_code, 409)
  await call('deleteWebhook', { drop_pending_updates: true }, token(4))
  deepEqual((await call('getUpdates', {}, token(4))).result, [])
})

test('messages are written and edited, in JSON and urlencoded, and refused in the words of Telegram', async () => {
  match((await call('sendMessage', { chat_id: 404, text: 'x' })).description ?? '', /^Bad Request: chat not found$/)
  telegram.addChat(-5)
  const reply_markup = { inline_keyboard: [[{ text: 'Yes', callback_data: 'y' }]] }
  const body = new URLSearchParams({ chat_id: '-5', text: 'Come?', reply_markup: JSON.stringify(reply_markup) })
  const sent = (await (
    await fetch(`${telegram.url}/bot${token(0)}/sendMessage`, { method: 'POST', body })
  ).json()) as Answer
  const { message_id } = sent.result as Message
  const edit = { chat_id: -5, message_id, text: 'Come?', reply_markup }
  match((await call('editMessageText', edit)).description ?? '', /^Bad Request: message is not modified/)
  match((await call('editMessageText', { ...edit, message_id: 99 })).description ?? '', /message to edit not found/)
  match((await call('sendMessage', { chat_id: -5, text: ' ' })).description ?? '', /message text is empty/)
  const soon = await call('editMessageText', { ...edit, text: 'Come!' })
  deepEqual([soon.error_code, soon.parameters?.retry_after], [429, 1])
})

test('a press is answered once', async () => {
  const [message] = telegram.messages(-5)
  const pressed = telegram.press({ chat: -5, message: message!.message_id, button: 'Yes', from: nina })
  const updates = (await call('getUpdates', { offset: -1 })).result as {
    callback_query: { id: string; data: string }
  }[]
  const { id, data } = updates[0]!.callback_query
  equal(data, 'y')
  await call('answerCallbackQuery', { callback_query_id: id, text: 'Noted' })
  equal((await pressed).text, 'Noted')
  match((await call('answerCallbackQuery', { callback_query_id: id })).description ?? '', /query is too old/)
  throws(() => telegram.press({ chat: -5, message: message!.message_id, button: 'No', from: nina }), /has no button No/)
})

test('thirty a second in all, one a second in a chat, twenty a minute in a group', () => {
  const all = new Bot('12345:x', [])
  for (let chat = 1; chat <= 30; chat++) all.pass(chat, 0)
  throws(() => all.pass(31, 999), { code: 429, retryAfter: 1 })
  all.pass(31, 1000)
  throws(() => all.pass(31, 1999), { code: 429, retryAfter: 1 })
  const group = new Bot('12345:x', [])
  for (let i = 0; i < 20; i++) group.pass(-1, i * 1000)
  throws(() => group.pass(-1, 20_000), { code: 429, retryAfter: 40 })
  group.pass(-1, 60_000)
})
