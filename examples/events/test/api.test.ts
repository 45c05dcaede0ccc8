import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ADMIN_KEY, caller, daily, migrated, query, type Started, startApp, token } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

let cluster: Cluster
let url: string
let app: Started
let admin: ReturnType<typeof caller>
let club: ReturnType<typeof caller>
let other: ReturnType<typeof caller>

before(async () => {
  cluster = startCluster()
  url = await migrated(cluster)
  app = await startApp({ DATABASE_URL: url }, 'api')
  admin = caller(app.url, ADMIN_KEY)
  const [first, second] = await Promise.all([add('Club'), add('Other club')])
  club = caller(app.url, first)
  other = caller(app.url, second)
})
after(async () => {
  await app.stop()
  cluster.stop()
})

const add = async (name: string): Promise<string> => (await admin('POST', '/api/accounts', { name })).body.apiKey

test('without a token the bot is off, and health says so', async () => {
  const answer = await caller(app.url, '')('GET', '/health')
  const { status, version, uptime, checks } = answer.body
  deepEqual([answer.status, status, version, typeof uptime], [200, 'ok', '1.0.0', 'number'])
  deepEqual([checks.database.status, checks.telegram.status, checks.telegram.polling], ['ok', 'ok', 'off'])
})

test('without a database it answers, and says so', async () => {
  const lost = await startApp({ DATABASE_URL: 'postgresql://nobody:x@127.0.0.1:9/none', BOT_TOKEN: token(1) }, 'api')
  try {
    const answer = await caller(lost.url, '')('GET', '/health')
    const { status, checks } = answer.body
    deepEqual(
      [answer.status, status, checks.database.status, checks.telegram.polling],
      [503, 'unavailable', 'down', 'unknown'],
    )
    equal((await caller(lost.url, 'some key')('GET', '/api/series')).status, 503)
  } finally {
    await lost.stop()
  }
})

test('keys: none, a wrong one, one of an account, the admin’s; stored as hashes only', async () => {
  equal((await caller(app.url, '')('GET', '/api/series')).status, 401)
  equal((await caller(app.url, 'ev_wrong')('GET', '/api/series')).status, 401)
  equal((await club('POST', '/api/accounts', { name: 'Mine' })).status, 403)
  equal((await admin('POST', '/api/series', daily(30))).status, 403)
  equal((await admin('POST', '/api/accounts', { name: 'Club' })).status, 409)
  const stored = await query<{ key_hash: string }>(url, 'select key_hash from accounts')
  equal(
    stored.every(row => /^[0-9a-f]{64}$/.test(row.key_hash)),
    true,
  )
})

test('a replaced key ends at once, so does that of a disabled account', async () => {
  const old = caller(app.url, await add('Short-lived'))
  const { id, apiKey } = (await old('POST', '/api/accounts/me/key')).body
  const renewed = caller(app.url, apiKey)
  deepEqual(
    [(await old('GET', '/api/accounts/me')).status, (await renewed('GET', '/api/accounts/me')).status],
    [401, 200],
  )
  equal((await admin('DELETE', `/api/accounts/${id}`)).status, 204)
  equal((await renewed('GET', '/api/accounts/me')).status, 401)
})

test('a series is checked field by field, every problem at once', async () => {
  const wrong = {
    title: '',
    startsAt: 'tomorrow',
    timezone: 'Mars/Base',
    rrule: 'FREQ=HOURLY',
    minutes: 1,
    capacity: 0,
    chatId: 5,
    extra: 1,
  }
  const { status, body } = await club('POST', '/api/series', wrong)
  equal(status, 400)
  const said = body.message.join('\n')
  for (const part of [
    'extra should not exist',
    'title must be',
    'startsAt is the local',
    'timezone is an IANA',
    'FREQ cannot be HOURLY',
    'minutes must',
    'capacity must',
    'chatId is the id',
  ])
    match(said, new RegExp(part))
  match(
    (await club('POST', '/api/series', daily(30, { startsAt: '2026-02-31T10:00' }))).body.message,
    /there is no 2026-02-31/,
  )
})

test('series are made, read, changed and ended, each account its own', async () => {
  const { body: made } = await club('POST', '/api/series', daily(30, { rrule: 'FREQ=DAILY;COUNT=3' }))
  equal((await club('GET', `/api/instances?seriesId=${made.id}`)).body.length, 3)
  deepEqual((await club('GET', `/api/series/${made.id}`)).body, made)
  equal((await other('GET', `/api/series/${made.id}`)).status, 404)
  deepEqual((await other('GET', '/api/series')).body, [])
  const changed = await club('PATCH', `/api/series/${made.id}`, { rrule: 'FREQ=DAILY;COUNT=2', capacity: 1 })
  deepEqual([changed.status, changed.body.capacity], [200, 1])
  const instances = (await club('GET', `/api/instances?seriesId=${made.id}`)).body
  deepEqual(
    instances.map((one: { capacity: number }) => one.capacity),
    [1, 1],
  )
  equal((await club('DELETE', `/api/series/${made.id}`)).status, 204)
  equal((await club('GET', `/api/series/${made.id}`)).status, 404)
  const [cancelled] = (await club('GET', `/api/instances?seriesId=${made.id}`)).body
  equal(cancelled.cancelledAt !== null, true)
})

test('participants join, bring guests and leave by the API', async () => {
  const { body: made } = await club('POST', '/api/series', daily(30))
  const [instance] = (await club('GET', `/api/instances?seriesId=${made.id}`)).body
  const path = `/api/instances/${instance.id}/participants`
  equal((await club('POST', path, { telegramId: 1, name: 'Ana' })).body.outcome, 'joined')
  equal((await club('POST', `${path}/1/guests`)).body.outcome, 'guest-joined')
  equal((await club('POST', path, { telegramId: 2, name: 'Ben' })).body.outcome, 'waiting')
  const left = (await club('DELETE', `${path}/1`)).body
  deepEqual([left.outcome, left.seated.length, left.waiting.length], ['left', 1, 0])
  equal((await club('DELETE', `${path}/77`)).status, 404)
  equal((await club('POST', path, { telegramId: -2, name: '' })).status, 400)
  equal((await other('GET', path)).status, 404)
})

test('of ten who press at the same moment, as many get a seat as there are', async () => {
  const { body: made } = await club('POST', '/api/series', daily(30, { capacity: 3 }))
  const [instance] = (await club('GET', `/api/instances?seriesId=${made.id}`)).body
  const join = (i: number) =>
    club('POST', `/api/instances/${instance.id}/participants`, { telegramId: 100 + i, name: `P${i}` })
  const outcomes = (await Promise.all(Array.from({ length: 10 }, (_, i) => join(i)))).map(answer => answer.body.outcome)
  deepEqual(outcomes.sort(), [...Array(3).fill('joined'), ...Array(7).fill('waiting')])
})

test('metrics, as JSON and for Prometheus', async () => {
  equal((await caller(app.url, '')('GET', '/metrics')).body.events_bot_polling, 0)
  const text = await (await fetch(`${app.url}/metrics/prometheus`)).text()
  match(text, /^# TYPE events_outbox_waiting gauge\nevents_outbox_waiting 0$/m)
})
