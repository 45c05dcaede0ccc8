import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import type { App } from '../../apps/app/app.ts'
import { templateStore } from '../../apps/templates/store.ts'
import { readConfig } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import { openTemplates } from '../../drivers/liquid/engine.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Channel, Content, Outcome } from '../messages/channel.ts'
import { createMessages } from '../messages/messages.ts'
import { outboxCalls } from './calls.ts'
import { previewOf } from './look.ts'
import { createOutbox } from './outbox.ts'
import { outboxRoutes } from './routes.ts'
import { MOST_WAITING_BYTES } from './rule.ts'

const CONFIG = readConfig(
  'name: shop\nservices: { api: { start: node a.js } }\nmessages: { email: guests, telegram: bot }',
).config!
const FILES = {
  'welcome.html': '---\nsubject: Welcome, {{ name }}\nsample: { name: Ada }\n---\n<p>Hi {{ name }}</p>',
}
const DAY = 86_400_000
const mail = {
  kind: 'email',
  to: 'me@example.com',
  from: 'me@example.com',
  host: 'mx',
  port: 25,
  user: null,
} as const
const welcome = (more: object = {}) => ({
  to: 'ada@example.com',
  template: 'welcome',
  variables: { name: 'Ada' },
  ...more,
})

/** A server with the channel `guests`, whose answers to addresses the test gives. */
async function world(t: TestContext) {
  const store = openStore(':memory:')
  const state = { now: Date.now(), answers: {} as Record<string, Outcome>, serving: true }
  const told: Content[] = []
  const programs: string[] = []
  const channel: Channel = {
    ...{ limits: [], digests: true, letters: { limits: [] } },
    async send(_, content) {
      told.push(content)
      return state.answers[content.letter?.to ?? ''] ?? { type: 'sent', reference: null }
    },
  }
  const clock = { ...systemClock, now: () => state.now }
  const messages = createMessages({
    ...{ store, clock, open: () => channel, texts: async () => [], chance: () => 0, me: 'me', server: 's' },
    log: () => {},
  })
  await messages.add({ name: 'guests', settings: mail, secret: '', instead: null })
  const templates = templateStore(store)
  await templates.keep('src', FILES)
  const outbox = createOutbox({
    ...{ store, templates, messages, clock },
    renderer: {
      async render(program, { files }, order) {
        programs.push(program)
        return openTemplates(files).render(order)
      },
      samples: async (_, { files }) => openTemplates(files).samples(),
    },
    app: async () =>
      ({ live: state.serving ? { api: { release: 'r1', colour: 'blue' } } : {} }) as unknown as App,
    release: async () => ({ config: CONFIG, source: 'src' }),
    random: () => randomUUID().replaceAll('-', ''),
    sha256: text => createHash('sha256').update(text).digest('hex'),
    onDefect: () => {},
  })
  t.after(async () => {
    // A line that looks for the end of what was handed over asks the store once more.
    await sleep(50)
    await store.close()
  })
  const allow = (app = 'shop', perDay = 1_000) =>
    outbox.grants.give({ app, channel: 'guests', perDay, by: 'anna', at: state.now })
  const call = async (
    method: string,
    path: string,
    { app = 'shop', token = 'right', body = undefined as unknown } = {},
  ) => {
    const url = new URL(path, 'http://keeper')
    const answer = outboxCalls(app, { outbox, isToken: said => said === 'right' })
    const { status, body: said } = await answer({
      method,
      path: url.pathname,
      query: url.searchParams,
      token,
      body,
    })
    return {
      status,
      ...(said as {
        id: string
        state: string
        to: string
        why: string
        failure: { code: string; what: string }
      }),
    }
  }
  const send = (more: object = {}, app = 'shop') => call('POST', '/v1/messages', { app, body: welcome(more) })
  const until = async (id: string, wanted: string) => {
    for (let n = 0; n < 100; n++) {
      const { state: now } = await call('GET', `/v1/messages/${id}`)
      if (now === wanted) return
      await sleep(50)
    }
    assert.equal((await call('GET', `/v1/messages/${id}`)).state, wanted)
  }
  return { store, state, told, programs, outbox, messages, clock, allow, call, send, until }
}

test('a message that an app may send is taken, sent once, and says so; what it said is forgotten then', async t => {
  const { allow, send, until, told, store } = await world(t)
  await allow()
  const { status, id } = await send({ key: 'welcome:1' })
  assert.equal(status, 200)
  await until(id, 'sent')
  assert.deepEqual(
    told.map(({ title, text, letter }) => [title, text, letter?.to, letter?.html]),
    [['Welcome, Ada', 'Hi Ada', 'ada@example.com', '<p>Hi Ada</p>']],
  )
  assert.equal((await send({ key: 'welcome:1' })).id, id)
  const other = await send({ key: 'welcome:1', variables: { name: 'Bob' } })
  assert.deepEqual([other.status, other.failure.code], [409, 'outbox.key'])
  assert.equal(told.length, 1)
  const kept = JSON.stringify([
    await store.sql.selectFrom('outbox').selectAll().execute(),
    await store.sql.selectFrom('message').selectAll().execute(),
  ])
  assert.doesNotMatch(kept, /Hi Ada|Welcome, Ada/)
})

test('without an admin production is refused, and what another environment sends is withheld', async t => {
  const { allow, send, told } = await world(t)
  assert.equal((await send()).failure.code, 'outbox.not-granted')
  assert.equal((await send({}, 'shop@staging')).state, 'withheld')
  assert.equal((await send({}, 'shop@preview-x')).state, 'withheld')
  await allow('shop@preview')
  assert.equal((await send({}, 'shop@preview-x')).state, 'waiting')
  assert.equal((await send({}, 'shop@staging')).state, 'withheld')
  await allow()
  const telegram = await send({ channel: 'telegram', to: '7' })
  assert.deepEqual(telegram.failure.code, 'outbox.not-granted')
  await sleep(100)
  assert.equal(told.length, 1)
})

test('what cannot be sent is refused with what is wrong, and nothing of it is kept', async t => {
  const { allow, send, call, store, state } = await world(t)
  await allow()
  const codes = async (more: object) => (await send(more)).failure.code
  assert.equal(await codes({ variables: {} }), 'template.variable')
  assert.equal(await codes({ template: 'welcom' }), 'template.unknown')
  assert.equal(await codes({ to: 'ada@example.com\r\nBcc: b@example.com' }), 'outbox.address')
  assert.equal(await codes({ from: 'boss@example.com' }), 'outbox.invalid')
  assert.equal(await codes({ key: 'a\r\nb' }), 'outbox.invalid')
  assert.equal(await codes({ sendAt: new Date(state.now + 500 * DAY).toISOString() }), 'outbox.invalid')
  assert.equal((await call('POST', '/v1/messages', { token: 'wrong', body: welcome() })).status, 401)
  state.serving = false
  assert.equal((await send()).status, 503)
  assert.deepEqual(await store.sql.selectFrom('outbox').selectAll().execute(), [])
})

test('an app sees and cancels its own messages alone', async t => {
  const { allow, send, call, state } = await world(t)
  await allow()
  const { id } = await send({ key: 'k', sendAt: new Date(state.now + DAY).toISOString() })
  for (const path of [`/v1/messages/${id}`, '/v1/messages?key=k'])
    for (const method of ['GET', 'DELETE'])
      assert.equal((await call(method, path, { app: 'other' })).status, 404)
  assert.equal((await call('DELETE', '/v1/messages?key=k')).state, 'cancelled')
  assert.equal((await call('DELETE', `/v1/messages/${id}`)).state, 'cancelled')
})

test('what waits for its time goes then and not before, and cannot be cancelled afterwards', async t => {
  const { allow, send, call, until, told, state, outbox } = await world(t)
  await allow()
  const { id } = await send({ sendAt: new Date(state.now + DAY).toISOString() })
  outbox.wake()
  await sleep(100)
  assert.equal(told.length, 0)
  state.now += DAY + 1
  outbox.wake()
  await until(id, 'sent')
  assert.equal(told.length, 1)
  assert.equal((await call('DELETE', `/v1/messages/${id}`)).failure.code, 'outbox.too-late')
})

test('a preview is made by another program than what the app sends, which it cannot hold up', async t => {
  const { allow, send, outbox, programs } = await world(t)
  await allow()
  await send()
  const asked = { template: 'welcome', channel: 'email', language: null, variables: {} } as const
  assert.equal((await previewOf(outbox, 'shop', asked)).html, '<p>Hi Ada</p>')
  assert.deepEqual(programs, ['shop', 'preview of shop'])
})

test('an address that bounced gets nothing more, until a person lifts it', async t => {
  const { allow, send, until, told, state, outbox } = await world(t)
  await allow()
  state.answers['ada@example.com'] = { type: 'bounced', why: '550 no such user' }
  await until((await send()).id, 'bounced')
  assert.equal((await send({ to: 'Ada@example.com' })).state, 'suppressed')
  assert.equal(told.length, 1)
  assert.equal(await outbox.grants.lift('guests', 'ADA@example.com'), true)
  state.answers = {}
  await until((await send()).id, 'sent')
})

test('what an app may send in a day has a bound, and so has what waits', async t => {
  const { allow, send, store, state } = await world(t)
  await allow('shop', 2)
  const sendAt = new Date(state.now + DAY).toISOString()
  assert.equal((await send({ sendAt })).status, 200)
  assert.equal((await send({ sendAt })).status, 200)
  const third = await send({ sendAt })
  assert.deepEqual([third.status, third.failure.code], [429, 'outbox.spent'])
  await allow('shop', 100)
  await store.sql.updateTable('outbox').set({ size: MOST_WAITING_BYTES }).execute()
  assert.equal((await send({ sendAt })).failure.code, 'outbox.full')
})

test('two apps that send by one channel take turns, and a grant that was taken back stops what waits', async t => {
  const { allow, send, until, told, outbox } = await world(t)
  await allow()
  await allow('small')
  for (let n = 0; n < 50; n++) await send({ to: `g${n}@example.com` })
  const { id } = await send({ to: 'one@example.com' }, 'small')
  for (let n = 0; n < 100 && told.length < 51; n++) await sleep(100)
  assert.equal(told.length, 51)
  assert.equal((await outbox.find('small', id)).app, 'small')
  await until((await send({ to: 'last@example.com' })).id, 'sent')
  await outbox.grants.take('shop', 'guests')
  assert.equal((await send()).failure.code, 'outbox.not-granted')
})

test('an app that is removed leaves nothing that goes on, no address, and no right for who gets its name', async t => {
  const { allow, send, until, outbox, store, state, told } = await world(t)
  for (const app of ['shop', 'shop@preview', 'shop@staging']) await allow(app)
  await until((await send()).id, 'sent')
  state.answers['bob@example.com'] = { type: 'later', why: '451', afterMs: null }
  await send({ to: 'bob@example.com' })
  while (told.length < 2) await sleep(5)
  await outbox.store.forget('shop')
  assert.equal(await outbox.grants.find('shop', 'guests'), null)
  assert.equal(await outbox.grants.find('shop@preview-x', 'guests'), null)
  assert.notEqual(await outbox.grants.find('shop@staging', 'guests'), null)
  state.now += 5_000
  // Longer than the pause before the second try.
  await sleep(800)
  assert.equal(told.length, 2)
  for (const table of ['outbox', 'message', 'message_dispatch', 'message_attempt'] as const)
    assert.doesNotMatch(
      JSON.stringify(await store.sql.selectFrom(table).selectAll().execute()),
      /example\.com/,
    )
})

test('addresses are for operators of the app; only an admin of all apps gives it a channel', async t => {
  const { outbox, messages, clock, send, allow } = await world(t)
  await allow()
  const { id } = await send()
  const { people } = peopleOf({ anna: 'admin', olga: 'operator', vera: 'viewer' })
  const audited: string[] = []
  const audit = {
    write: async ({ action, detail }: { action: string; detail: string }) =>
      audited.push(`${action} ${detail}`),
  }
  const api = await apiWith(t, { people }, app =>
    outboxRoutes(app, { outbox, messages, clock, audit, knownApp: async () => {} }),
  )
  const ask = async (method: 'GET' | 'POST' | 'DELETE', url: string, as: string, body?: object) => {
    const headers = { cookie: as, host: 'keeper', origin: 'http://keeper' }
    const answer = await api.inject({ method, url, headers, ...(body === undefined ? {} : { body }) })
    return { status: answer.statusCode, json: answer.json() }
  }
  const list = async (as: string) => (await ask('GET', '/api/apps/shop/outbox', as)).json.messages[0].to
  assert.equal(await list('olga'), 'ada@example.com')
  assert.equal(await list('vera'), null)
  assert.equal((await ask('GET', `/api/outbox/messages/${id}`, 'vera')).json.to, null)
  assert.equal((await ask('GET', '/api/outbox/suppressed', 'vera')).status, 403)
  assert.equal((await ask('POST', `/api/outbox/messages/${id}/cancel`, 'vera')).status, 403)
  const grant = { app: 'shop', channel: 'guests', perDay: 5 }
  assert.equal((await ask('POST', '/api/outbox/grants', 'olga', grant)).status, 403)
  assert.equal(
    (await ask('POST', '/api/outbox/grants', 'anna', { ...grant, channel: 'none' })).json.failure.code,
    'channel.unknown',
  )
  assert.equal(
    (await ask('POST', '/api/outbox/grants', 'anna', { ...grant, app: 'shop@preview-x' })).json.failure.code,
    'outbox.preview',
  )
  assert.equal((await ask('POST', '/api/outbox/grants', 'anna', grant)).status, 200)
  assert.equal((await ask('DELETE', '/api/outbox/grants/shop/guests', 'anna')).status, 200)
  assert.deepEqual(audited, ['outbox allow guests, 5 a day', 'outbox deny guests'])
  const preview = await ask('POST', '/api/apps/shop/outbox/preview', 'vera', { template: 'welcome' })
  assert.deepEqual(preview.json, { subject: 'Welcome, Ada', text: 'Hi Ada', html: '<p>Hi Ada</p>' })
})
