import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ADMIN_KEY, caller, daily, migrated, query, type Started, startApp, token, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'
import { type Person, startTelegram, type Telegram } from './telegram.ts'

const GROUP = -100
const nina = { id: 1, first_name: 'Nina' }
const omar = { id: 2, first_name: 'Omar' }
const pia = { id: 3, first_name: 'Pia' }

let cluster: Cluster
let telegram: Telegram
let env: Record<string, string>
let app: Started
let api: ReturnType<typeof caller>
let apiKey: string
let series: number

before(async () => {
  cluster = startCluster()
  telegram = await startTelegram()
  telegram.addChat(GROUP)
  env = { DATABASE_URL: await migrated(cluster), BOT_TOKEN: token(1), TELEGRAM_API_ROOT: telegram.url }
  app = await startApp(env)
  const account = await caller(app.url, ADMIN_KEY)('POST', '/api/accounts', { name: 'Club' })
  apiKey = account.body.apiKey
  api = caller(app.url, apiKey)
})
after(async () => {
  await app.stop()
  await telegram.close()
  cluster.stop()
})

/** Says something and waits for the answer of the bot. */
async function ask(chat: number, text: string, from: Person): Promise<string> {
  const { message_id } = telegram.say(chat, text, from)
  return until(() => telegram.messages(chat).find(one => one.message_id > message_id && one.from.is_bot)?.text)
}

const card = () => telegram.messages(GROUP).find(one => one.text.includes('Seats:'))!
const press = (button: string, from: Person) =>
  telegram.press({ chat: GROUP, message: card().message_id, button, from }).then(answer => answer.text)

test('/start with a key binds a person to the account, in private only', async () => {
  match(await ask(nina.id, '/audit', nina), /^This is for account owners/)
  match(await ask(nina.id, '/start wrong', nina), /I do not know this key/)
  match(await ask(GROUP, `/start ${apiKey}`, nina), /^Everyone here has read that key/)
  match(await ask(nina.id, `/start ${apiKey}`, nina), /^You belong to Club now/)
  equal(await ask(nina.id, '/audit', nina), 'Nobody has joined or left yet.')
  equal(await ask(GROUP, '/chat', nina), 'The id of this chat is -100')
})

test('a new series is announced in its group when it is due', async () => {
  const added = await api('POST', '/api/series', daily(30))
  equal(added.status, 201)
  series = added.body.id
  const message = await until(card)
  match(message.text, /^Football\n.* · Harbour pitch\n\nSeats: 0 of 2$/)
  deepEqual(
    message.reply_markup?.inline_keyboard[0]?.map(key => key.text),
    ['Join', '+1', 'Leave'],
  )
  const { body } = await api('GET', `/api/instances?seriesId=${series}`)
  deepEqual(
    body.map((one: { announcedAt: string | null }) => one.announcedAt !== null),
    [true, false],
  )
})

test('votes fill the seats, then the waiting list; the message shows it', async () => {
  equal(await press('Join', nina), 'You are in.')
  equal(await press('Join', nina), 'You are on the list already.')
  equal(await press('+1', nina), 'A seat for your guest.')
  equal(await press('Join', omar), 'It is full: you are on the waiting list.')
  equal(await press('Join', pia), 'It is full: you are on the waiting list.')
  await until(() => card().text.endsWith('Seats: 2 of 2\n1. Nina\n2. guest of Nina\n\nWaiting: 2\n1. Omar\n2. Pia'))
})

test('who leaves makes room, and the API says the same as the message', async () => {
  equal(await press('Leave', nina), 'You and your guests are off the list.')
  await until(() => card().text.endsWith('Seats: 2 of 2\n1. Omar\n2. Pia'))
  const [instance] = (await api('GET', `/api/instances?seriesId=${series}`)).body
  const { body } = await api('GET', `/api/instances/${instance.id}/participants`)
  deepEqual(
    body.seated.map((one: { name: string }) => one.name),
    ['Omar', 'Pia'],
  )
  deepEqual(body.waiting, [])
  const log = (await api('GET', `/api/instances/${instance.id}/log`)).body
  const said = log.map((one: { name: string; action: string }) => `${one.name} ${one.action}`).reverse()
  deepEqual(said, [
    'Nina JOINED',
    'Nina GUEST_JOINED',
    'Omar WAITING',
    'Pia WAITING',
    'Nina LEFT',
    'Omar MOVED_UP',
    'Pia MOVED_UP',
  ])
})

test('/audit shows account owners the log, newest first', async () => {
  const lines = (await ask(nina.id, '/audit', nina)).split('\n')
  equal(lines.length, 7)
  match(lines[0]!, /Pia moved up to a seat: Football$/)
  match(await ask(omar.id, '/audit', omar), /^This is for account owners/)
})

test('twelve votes at once lose nobody, and queue a few changes of the message at most', async () => {
  const queued = async () =>
    Number(
      (await query<{ n: string }>(env.DATABASE_URL!, `select count(*) as n from outbox where kind = 'REFRESH'`))[0]!.n,
    )
  const before = await queued()
  const people = Array.from({ length: 12 }, (_, i) => ({ id: 50 + i, first_name: `P${i}` }))
  await Promise.all(people.map(person => press('Join', person)))
  await until(() => card().text.includes('Waiting: 12'))
  const changes = (await queued()) - before
  equal(changes <= 4, true, `${changes} changes`)
  equal(
    telegram.calls.some(call => call.answer.error_code === 429),
    false,
  )
})

test('what is cancelled says so, has no buttons, and takes no more votes', async () => {
  const [instance] = (await api('GET', `/api/instances?seriesId=${series}`)).body
  await api('POST', `/api/instances/${instance.id}/cancel`)
  await until(() => card().text.startsWith('CANCELLED: Football'))
  equal(card().reply_markup, undefined)
  const join = await api('POST', `/api/instances/${instance.id}/participants`, { telegramId: 9, name: 'Late' })
  deepEqual([join.status, join.body.message], [409, 'It has begun, or is cancelled'])
})

test('of two processes with one token, Telegram sends the first away, and its health says so', async () => {
  const read = async (at: Started) => (await caller(at.url, '')('GET', '/health')).body.checks.telegram.polling
  equal(await read(app), 'polling')
  const second = await startApp(env, 'bot')
  try {
    await until(async () => (await read(app)) === 'conflict')
    const conflict = telegram.calls.find(call => call.answer.error_code === 409)
    match(conflict?.answer.description ?? '', /^Conflict: terminated by other getUpdates request/)
  } finally {
    await second.stop()
  }
  await until(async () => (await read(app)) === 'polling', 15)
  match(await ask(nina.id, '/help', nina), /\/start KEY/)
})
