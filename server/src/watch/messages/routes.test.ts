import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { openStore } from '../../db/db.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Channel, Content, Outcome } from './channel.ts'
import { createMessages } from './messages.ts'
import { messageRoutes } from './routes.ts'
import { enqueue } from './store.ts'

const mail = {
  kind: 'email',
  to: 'ops@example.com',
  from: 'inn@example.com',
  host: 'mx',
  port: 25,
  user: null,
}

async function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const told: Content[] = []
  const state = { outcome: { type: 'sent', reference: null } as Outcome, now: Date.now() }
  const channel: Channel = {
    limits: [],
    ...{ digests: true, letters: { limits: [] } },
    async send(_, content) {
      told.push(content)
      return state.outcome
    },
  }
  const audited: string[] = []
  const messages = createMessages({
    store,
    clock: { ...systemClock, now: () => state.now },
    open: () => channel,
    texts: async name => (name === 'example.com' ? ['v=spf1 -all'] : []),
    chance: () => 0,
    me: 'me',
    server: 's',
    // A line that waits for its next try outlives the test.
    log: () => {},
  })
  const { people } = peopleOf({
    ...{ anna: 'admin', olga: 'operator', vera: 'viewer' },
    held: { role: 'operator', verbs: ['read'] },
  })
  const audit = {
    write: async ({ action, detail }: { action: string; detail: string }) =>
      audited.push(`${action} ${detail}`),
  }
  const api = await apiWith(t, { people }, app => messageRoutes(app, { messages, audit }))
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    { as = 'anna', body }: { as?: string; body?: object } = {},
  ) => {
    const headers = { cookie: as, host: 'keeper', origin: 'http://keeper' }
    const answer = await api.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    })
    return { status: answer.statusCode, body: answer.json(), text: answer.body }
  }
  return { ask, told, state, audited, store, messages }
}

test('a channel is added with what its domain lacks, tried, shown without its secret, and removed', async t => {
  const { ask, told, audited } = await server(t)
  const added = await ask('POST', '/api/channels', {
    body: { name: 'ops', settings: mail, secret: 'hidden-password' },
  })
  assert.equal(added.status, 200, added.text)
  assert.equal(added.body.findings.length, 2, added.body.findings.join('\n'))
  const tried = await ask('POST', '/api/channels/ops/test', { as: 'olga', body: {} })
  assert.deepEqual([tried.body.state, tried.body.attempts.length], ['sent', 1])
  assert.match(told[0]!.title, /test of the channel ops, by olga/)
  const [channels, messages] = [
    await ask('GET', '/api/channels', { as: 'vera' }),
    await ask('GET', '/api/messages', { as: 'vera' }),
  ]
  assert.deepEqual([channels.body[0].name, channels.body[0].waiting, messages.body.length], ['ops', 0, 1])
  assert.ok(!`${added.text}${channels.text}${messages.text}`.includes('hidden'))
  assert.deepEqual((await ask('DELETE', '/api/channels/ops')).body, {
    ...{ removed: true, dropped: 0, routes: 0 },
  })
  assert.equal((await ask('POST', '/api/channels/ops/test', { body: {} })).status, 404)
  assert.deepEqual(
    audited,
    ['notify add ops: email', 'notify test ops', 'notify remove ops'].concat('notify test ops'),
  )
})

test('who may only look adds, tries and removes nothing', async t => {
  const { ask } = await server(t)
  const body = { name: 'ops', settings: mail }
  assert.equal((await ask('POST', '/api/channels', { as: 'olga', body })).status, 403)
  assert.equal((await ask('DELETE', '/api/channels/ops', { as: 'olga' })).status, 403)
  assert.equal((await ask('POST', '/api/channels/ops/test', { as: 'vera', body: {} })).status, 403)
})

test('a name twice, and a channel instead that is not there', async t => {
  const { ask } = await server(t)
  const body = { name: 'ops', settings: mail }
  await ask('POST', '/api/channels', { body })
  assert.equal((await ask('POST', '/api/channels', { body })).body.failure.code, 'channel.exists')
  const other = { ...body, name: 'other', instead: { channel: 'nobody', afterMs: 60_000 } }
  assert.equal((await ask('POST', '/api/channels', { body: other })).body.failure.code, 'channel.unknown')
})

test('an address that bounced is shown and is an alarm, until a test goes well', async t => {
  const { ask, state, messages } = await server(t)
  await ask('POST', '/api/channels', { body: { name: 'ops', settings: mail } })
  state.outcome = { type: 'bounced', why: '550 no such user' }
  assert.equal(
    (await ask('POST', '/api/channels/ops/test', { body: {} })).body.attempts[0].said,
    '550 no such user',
  )
  const [channel] = (await ask('GET', '/api/channels')).body
  assert.equal(channel.suppressed, '550 no such user')
  assert.deepEqual(
    (await messages.alarms()).map(({ code }) => code),
    ['channel.bounced'],
  )
  state.outcome = { type: 'sent', reference: null }
  await ask('POST', '/api/channels/ops/test', { body: {} })
  assert.deepEqual(await messages.alarms(), [])
})

test('a channel that delivers nothing for ten minutes is an alarm; removed, what it did not take is kept as dropped', async t => {
  const { ask, state, messages, store } = await server(t)
  await ask('POST', '/api/channels', { body: { name: 'ops', settings: mail } })
  state.outcome = { type: 'refused', why: '401' }
  await ask('POST', '/api/channels/ops/test', { body: {} })
  await enqueue(
    store.sql,
    [{ channel: 'ops', content: { level: 'late', title: 'x', text: '', incidents: [], link: null } }],
    state.now,
  )
  assert.deepEqual(await messages.alarms(), [])
  state.now += 600_000
  assert.deepEqual(
    (await messages.alarms()).map(({ code }) => code),
    ['channel.stuck'],
  )
  assert.equal((await ask('DELETE', '/api/channels/ops')).body.dropped, 2)
  const { body } = await ask('GET', '/api/messages')
  assert.deepEqual(
    body.map((one: { state: string }) => one.state),
    ['dropped', 'dropped'],
  )
})

test('whom a letter was for, and what its server said of it, is told to nobody who may only look', async t => {
  const { ask, state, messages, store } = await server(t)
  await ask('POST', '/api/channels', { body: { name: 'ops', settings: mail } })
  state.outcome = { type: 'bounced', why: '550 <ann@example.org> is unknown' }
  const content = { level: 'soon', title: 'Confirm', text: 'x', incidents: [], link: null } as const
  await enqueue(
    store.sql,
    [{ channel: 'ops', content: { ...content, letter: { to: 'ann@example.org' } } }],
    state.now,
  )
  await messages.wake()
  const read = async (as: string) => (await ask('GET', '/api/messages', { as })).text
  while (!/"dropped"/.test(await read('vera'))) await sleep(5)
  assert.match(await read('olga'), /"to":"ann@example\.org".*550 <ann@/)
  for (const as of ['vera', 'held']) {
    assert.match(await read(as), /"title":"Confirm"/)
    assert.doesNotMatch(await read(as), /ann@/)
  }
})
