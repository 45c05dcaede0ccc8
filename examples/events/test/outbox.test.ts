import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { migrated, query, type Started, startApp, token, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'
import { startTelegram, type Telegram } from './telegram.ts'

let cluster: Cluster
let telegram: Telegram
let url: string
let bot: Started

before(async () => {
  cluster = startCluster()
  telegram = await startTelegram({ anyChat: true })
  url = await migrated(cluster)
  bot = await startApp({ DATABASE_URL: url, BOT_TOKEN: token(1), TELEGRAM_API_ROOT: telegram.url }, 'bot')
})
after(async () => {
  await bot.stop()
  await telegram.close()
  cluster.stop()
})

const put = (chat: number, text: string) =>
  query(url, `insert into outbox (chat_id, kind, text) values ($1, 'TEXT', $2)`, [chat, text])
const texts = (chat: number) => telegram.messages(chat).map(message => message.text)
const rowOf = async (text: string) =>
  (
    await query<{ state: string; attempts: number; error: string | null }>(
      url,
      'select state, attempts, error from outbox where text = $1',
      [text],
    )
  )[0]!
const sends = () => telegram.calls.filter(call => call.method === 'sendMessage')

test('seventy chats and one chat with four: in order, as fast as allowed, and never refused', async () => {
  await query(
    url,
    `insert into outbox (chat_id, kind, text) select case when n <= 4 then -1 else n end, 'TEXT', 'text ' || n from generate_series(1, 74) as n`,
  )
  await until(() => sends().length === 74, 20)
  deepEqual(texts(-1), ['text 1', 'text 2', 'text 3', 'text 4'])
  deepEqual(
    sends().filter(call => !call.answer.ok),
    [],
  )
  const times = sends().map(call => call.at)
  const took = Math.max(...times) - Math.min(...times)
  equal(took >= 3000 && took < 6000, true, `${took} ms`)
})

test('429: that chat waits as long as it is told, the others do not', async () => {
  telegram.failNext('sendMessage', {
    error_code: 429,
    description: 'Too Many Requests: retry after 2',
    parameters: { retry_after: 2 },
  })
  await put(501, 'busy')
  await until(async () => (await rowOf('busy')).error)
  const refused = Date.now()
  await put(502, 'another chat')
  await until(() => texts(502).length === 1, 1)
  await until(() => texts(501).length === 1)
  equal(Date.now() - refused > 1500, true)
  await until(async () => (await rowOf('busy')).state === 'SENT')
  equal((await rowOf('busy')).attempts, 1)
})

test('a failure of Telegram is tried again, later and later', async () => {
  for (let i = 0; i < 2; i++) telegram.failNext('sendMessage', { error_code: 502, description: 'Bad Gateway' })
  await put(503, 'twice in vain')
  await until(() => texts(503).length === 1)
  await until(async () => (await rowOf('twice in vain')).state === 'SENT')
  const [first, second, third] = sends()
    .filter(call => call.payload.text === 'twice in vain')
    .map(call => call.at) as [number, number, number]
  equal(second - first >= 950 && third - second >= 1950, true, `${second - first}, ${third - second}`)
})

test('what cannot be sent is given up, and the next one goes out', async () => {
  telegram.failNext('sendMessage', { error_code: 403, description: 'Forbidden: bot was blocked by the user' })
  await put(504, 'blocked')
  await put(504, 'unblocked')
  await until(() => texts(504).includes('unblocked'))
  const { state, error } = await rowOf('blocked')
  equal(state, 'FAILED')
  equal(error?.includes('bot was blocked by the user'), true)
})

test('a sender that takes over goes on with what was left, at the pace of the one before', async () => {
  await bot.stop()
  const put = `insert into outbox (chat_id, kind, text, state, sent_at) `
  await query(url, `${put} select -601, 'TEXT', 'before', 'SENT', now() from generate_series(1, 20)`)
  await query(
    url,
    `${put} values (-601, 'TEXT', 'the 21st of a minute', 'WAITING', null), (602, 'TEXT', 'under way', 'SENDING', null)`,
  )
  bot = await startApp({ DATABASE_URL: url, BOT_TOKEN: token(1), TELEGRAM_API_ROOT: telegram.url }, 'bot')
  await until(() => texts(602).length === 1)
  deepEqual([texts(-601), (await rowOf('the 21st of a minute')).state], [[], 'WAITING'])
})
