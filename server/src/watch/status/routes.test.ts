import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { eventStreams } from '../../api/sse.ts'
import { appOf, statusOf } from '../../cli/stand-in.fixture.ts'
import { begunRow } from '../../engine/journal.fixture.ts'
import type { EngineEvent } from '../../engine/run.ts'
import { views } from '../../engine/view.ts'
import { Failure } from '../../kernel/failure.ts'
import { statusRoutes } from './routes.ts'
import type { Status } from './wire.ts'

const row = begunRow({
  kind: 'stop',
  title: 'stop shop',
  app: 'shop',
  release: null,
  locks: [],
  steps: [{ does: { kind: 'door.close' }, undo: null }],
  cleanup: [],
  notices: [],
})

/** A keeper whose status and engine the test moves. */
async function keeper(t: TestContext) {
  const crowd = peopleOf({ vera: 'viewer', bart: { apps: { bar: 'admin' } } })
  const listeners = new Set<(event: EngineEvent) => void>()
  const state = { status: statusOf(appOf('shop')) as Status | Error, asked: 0, waiting: () => {} }
  const api = await apiWith(t, crowd, app =>
    statusRoutes(app, {
      version: '1.2.3',
      clock: {
        now: () => 0,
        sleep: () => new Promise<void>(resolve => (state.waiting = resolve)),
      },
      engine: {
        on(listener) {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
      },
      journal: { read: id => (id === 'run-1' ? row : null) },
      view: views({ 'door.close': () => 'close the door' }),
      async status() {
        state.asked++
        if (state.status instanceof Error) throw state.status
        return state.status
      },
      async appStatus(_, name) {
        if (name === 'shop') return appOf('shop')
        throw new Failure('app.unknown', `there is no app ${name}`, { why: 'x', fix: 'x' })
      },
      events: eventStreams(crowd.people),
    }),
  )
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) listener(event)
  }
  const ask = (url: string, cookie = 'vera') => api.inject({ url, headers: { cookie } })
  return { api, ask, state, listeners, emit }
}

/** The events of the keeper, as they come. */
async function reading(t: TestContext, one: Awaited<ReturnType<typeof keeper>>, cookie = 'vera') {
  await one.api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = one.api.server.address() as AddressInfo
  const request = get({ host: '127.0.0.1', port, path: '/api/events', headers: { cookie } })
  t.after(() => request.destroy())
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  answer.on('error', () => {})
  const closed = new Promise<string>(resolve => answer.on('close', () => resolve('ended')))
  const ended = async () =>
    assert.equal(await Promise.race([closed, sleep(5_000, 'open', { ref: false })]), 'ended')
  const events = () =>
    text.split('\n').flatMap(line => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : [])) as Array<
      Record<string, unknown>
    >
  const until = async (n: number) => {
    for (const end = Date.now() + 5_000; events().length < n; await sleep(5))
      assert.ok(Date.now() < end, `${n} events did not come: ${text}`)
    return events()
  }
  /** The pause between two looks is over, and the next look was taken. */
  const look = async () => {
    const { asked } = one.state
    one.state.waiting()
    for (const end = Date.now() + 5_000; one.state.asked === asked; await sleep(5))
      assert.ok(Date.now() < end)
    await sleep(20)
  }
  return { events, until, look, ended, request }
}

test('who asks is told who that is, and everybody that the keeper is well', async t => {
  const { ask } = await keeper(t)
  assert.deepEqual((await ask('/api/me')).json(), {
    ...{ name: 'vera', email: null, role: 'viewer', apps: {}, verbs: null, factor: 'off' },
  })
  assert.equal((await ask('/api/me', 'nobody')).statusCode, 401)
  assert.deepEqual((await ask('/api/health', 'nobody')).json(), { status: 'ok', version: '1.2.3' })
})

test('the status and that of one app are for who is signed in', async t => {
  const { ask } = await keeper(t)
  assert.equal((await ask('/api/status')).json().apps[0].name, 'shop')
  assert.equal((await ask('/api/apps/shop')).json().release, 'r2')
  assert.equal((await ask('/api/apps/bar')).statusCode, 404)
  for (const url of ['/api/status', '/api/apps/shop'])
    assert.equal((await ask(url, 'nobody')).statusCode, 401)
})

test('the status is sent at once, and again only when apps or parts have changed', async t => {
  const one = await keeper(t)
  const { until, look, events } = await reading(t, one)
  assert.equal((await until(1))[0]!['type'], 'status')
  await look()
  assert.equal(events().length, 1, 'nothing has changed')
  one.state.status = { ...statusOf(appOf('shop')), keeper: { ...statusOf().keeper, rssBytes: 5 } }
  await look()
  assert.equal(events().length, 1, 'what always changes is no reason')
  one.state.status = statusOf(appOf('shop', { state: 'down' }))
  await look()
  const [, second] = await until(2)
  assert.equal((second!['status'] as Status).apps[0]!.state, 'down')
  one.state.status = {
    ...one.state.status,
    parts: [{ name: 'edge', state: 'down', pid: null, detail: 'x' }],
  } as Status
  await look()
  await until(3)
})

test('runs and their lines are sent as they come, and a run that nobody knows is not', async t => {
  const one = await keeper(t)
  const { until, events } = await reading(t, one)
  await until(1)
  const line = { type: 'line', run: 'run-1', phase: 'steps', index: 0, text: 'hello' } as const
  one.emit(line)
  one.emit({ type: 'run', run: 'gone' })
  one.emit({ type: 'run', run: 'run-1' })
  const [, first, second] = await until(3)
  assert.deepEqual(first, line)
  assert.deepEqual([second!['type'], (second!['run'] as { title: string }).title], ['run', 'stop shop'])
  assert.equal(events().length, 3)
})

test('whoever may not see an app hears nothing of its runs', async t => {
  const one = await keeper(t)
  const { until, events } = await reading(t, one, 'bart')
  await until(1)
  one.emit({ type: 'line', run: 'run-1', phase: 'steps', index: 0, text: 'hello' })
  one.emit({ type: 'run', run: 'run-1' })
  await sleep(50)
  assert.equal(events().length, 1)
  assert.equal((await one.ask('/api/apps/shop', 'bart')).statusCode, 403)
})

test('when the status cannot be made the stream ends, so that its reader asks again, and the defect is logged', async t => {
  const logged = t.mock.method(console, 'error', () => {})
  const one = await keeper(t)
  const { until, ended } = await reading(t, one)
  await until(1)
  one.state.status = new TypeError('x is null')
  one.state.waiting()
  await ended()
  assert.match(String(logged.mock.calls[0]?.arguments[0]), /"level":"error".*TypeError: x is null/)
  assert.equal(one.listeners.size, 0, 'and nobody listens to the engine for it')
})

test('a failure that we know ends the stream without a word in the log', async t => {
  const logged = t.mock.method(console, 'error', () => {})
  const one = await keeper(t)
  const { until, ended } = await reading(t, one)
  await until(1)
  one.state.status = new Failure('database.down', 'no database', { why: 'x', fix: 'x' })
  one.state.waiting()
  await ended()
  assert.equal(logged.mock.callCount(), 0)
})

test('a reader who goes away ends the looking', async t => {
  const one = await keeper(t)
  const { until, request } = await reading(t, one)
  await until(1)
  request.destroy()
  for (const end = Date.now() + 5_000; one.listeners.size > 0; await sleep(5)) assert.ok(Date.now() < end)
  const { asked } = one.state
  one.state.waiting()
  await sleep(30)
  assert.equal(one.state.asked, asked)
})
