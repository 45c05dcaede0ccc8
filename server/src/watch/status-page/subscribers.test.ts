import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { openStore } from '../../db/db.ts'
import type { Content } from '../messages/channel.ts'
import { statusPageRoutes } from './routes.ts'
import type { StatusPages } from './status-page.ts'
import { subscriberStore } from './subscriber-store.ts'
import { createSubscribers } from './subscribers.ts'

const HOUR = 3_600_000
const NEWS = { key: 'incident:1:1', at: 0, title: 'Investigating: Slow', text: 'We look.' }
const PAGE = { title: 'Hotel', url: 'https://status.example/', channel: 'post' }

async function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const state = { now: 1_000_000_000, page: PAGE as typeof PAGE | null }
  let tokens = 0
  const subscribers = createSubscribers({
    store: subscriberStore(store),
    clock: { now: () => state.now, sleep: async () => {} },
    random: () => `t${tokens++}`,
    digest: text => `digest of ${text}`,
    sign: async text => `signed ${text.replaceAll(' ', '-')}`,
    mailing: async () => state.page,
    wake: async () => {},
  })
  const statusPages = { mailing: async () => state.page, show: async () => ({}) } as unknown as StatusPages
  const { people } = peopleOf({ otto: 'operator', vera: 'viewer' })
  const audit = { write: async () => {} }
  const api = await apiWith(t, { people }, app => statusPageRoutes(app, { statusPages, subscribers, audit }))
  const post = async (path: string, body = '') =>
    api.inject({
      ...{ method: 'POST', url: `/api/status-pages/shop/${path}`, payload: body },
      headers: { host: 'keeper', 'content-type': 'application/x-www-form-urlencoded' },
    })
  const get = (path: string) =>
    api.inject({ method: 'GET', url: `/api/status-pages/shop/${path}`, headers: { host: 'keeper' } })
  const team = (method: 'GET' | 'POST', as: string, body?: object) =>
    api.inject({
      ...{ method, url: `/api/apps/shop/status-page/subscribers${method === 'POST' ? '/remove' : ''}` },
      headers: { host: 'keeper', origin: 'http://keeper', cookie: as },
      ...(body === undefined ? {} : { payload: body }),
    })
  const letters = async (): Promise<Content[]> =>
    (await store.sql.selectFrom('message').select('content').execute()).map(
      one => JSON.parse(one.content) as Content,
    )
  return { store, state, subscribers, post, get, team, letters }
}

const linkIn = ({ text }: Content, which: string): string =>
  new RegExp(`https://status\\.example/(${which}\\S+)`).exec(text)![1]!

test('an address is told of nothing before its owner pressed the button behind the link', async t => {
  const { post, get, letters, subscribers } = await server(t)
  const asked = await post('subscribe', 'email=Ann%40Example.com')
  assert.deepEqual([asked.statusCode, /Look into your mailbox/.test(asked.body)], [200, true])
  assert.deepEqual(await subscribers.drafts('shop', NEWS), [])
  const [letter] = await letters()
  assert.equal(letter!.letter!.to, 'ann@example.com')
  const link = linkIn(letter!, 'confirm')
  assert.match((await get(link)).body, /<button>Confirm<\/button>/)
  assert.deepEqual(
    await subscribers.drafts('shop', NEWS),
    [],
    'a program that follows links confirms nothing',
  )
  assert.match((await post(link)).body, /You are subscribed/)
  assert.equal((await subscribers.drafts('shop', NEWS)).length, 1)
  assert.match((await post(link)).body, /not good any more/)
})

test('a token is kept as a digest alone, and is good for two days', async t => {
  const { store, state, post, letters } = await server(t)
  await post('subscribe', 'email=ann@example.com')
  const { token } = await store.sql.selectFrom('subscriber').select('token').executeTakeFirstOrThrow()
  assert.equal(token, 'digest of t0')
  state.now += 48 * HOUR
  assert.match((await post(linkIn((await letters())[0]!, 'confirm'))).body, /not good any more/)
  assert.match((await post('confirm?token=digest%20of%20t0')).body, /not good any more/)
})

test('each letter ends it by a link, and with one click of a mail program', async t => {
  const { post, letters, subscribers } = await server(t)
  await post('subscribe', 'email=ann@example.com')
  await post(linkIn((await letters())[0]!, 'confirm'))
  const [draft] = await subscribers.drafts('shop', NEWS)
  const headers = draft!.content.letter!.headers!
  assert.equal(headers['List-Unsubscribe-Post'], 'List-Unsubscribe=One-Click')
  const path = headers['List-Unsubscribe']!.slice('<https://status.example/'.length, -1)
  for (const wrong of ['unsubscribe?token=1-x', 'unsubscribe?token=', 'unsubscribe?token=2-signed'])
    assert.match((await post(wrong)).body, /not good any more/)
  assert.equal((await subscribers.drafts('shop', NEWS)).length, 1)
  assert.match((await post(path, 'List-Unsubscribe=One-Click')).body, /You are unsubscribed/)
  assert.deepEqual(await subscribers.drafts('shop', NEWS), [])
})

test('the answer is the same whether an address is known or not', async t => {
  const { post, letters } = await server(t)
  const first = await post('subscribe', 'email=ann@example.com')
  await post(linkIn((await letters())[0]!, 'confirm'))
  const again = await post('subscribe', 'email=ann@example.com')
  const third = await post('subscribe', 'email=ann@example.com')
  const other = await post('subscribe', 'email=bob@example.com')
  for (const one of [again, third, other])
    assert.deepEqual([one.statusCode, one.body], [first.statusCode, first.body])
  assert.match((await letters())[1]!.title, /already/)
})

test('no address can bring another one, a header or a line of its own', async t => {
  const { post, letters } = await server(t)
  for (const evil of [
    'ann@example.com\r\nBcc: eve@example.com',
    'ann@example.com\n',
    'ann@example.com,eve@example.com',
    'Ann <ann@example.com>',
    '"a\r\nb"@example.com',
    `${'a'.repeat(300)}@example.com`,
    'ann@example.com\u0000',
    'nobody',
    '',
  ])
    await post('subscribe', `email=${encodeURIComponent(evil)}`)
  const to = (await letters()).map(one => one.letter!.to)
  // What a browser leaves around an address is no part of it.
  assert.deepEqual(to, ['ann@example.com'])
})

test('nobody can have a stranger written to again and again, or fill the store', async t => {
  const { state, post, letters, store } = await server(t)
  for (let n = 0; n < 10; n++) await post('subscribe', 'email=ann@example.com')
  assert.equal((await letters()).length, 2)
  let refused = 0
  for (let n = 0; n < 60; n++)
    if ((await post('subscribe', `email=p${n}@example.com`)).statusCode !== 200) refused++
  assert.ok(refused >= 30 && refused < 60, String(refused))
  state.now += 49 * HOUR
  await subscriberStore(store).prune(state.now)
  assert.deepEqual(await subscriberStore(store).count('shop'), { confirmed: 0, waiting: 0 })
})

test('where the page names no channel nobody subscribes', async t => {
  const { state, post, letters } = await server(t)
  state.page = null
  assert.notEqual((await post('subscribe', 'email=ann@example.com')).statusCode, 200)
  assert.deepEqual(await letters(), [])
})

test('addresses are for operators, who can take one off', async t => {
  const { team, post } = await server(t)
  await post('subscribe', 'email=ann@example.com')
  assert.equal((await team('GET', 'vera')).statusCode, 403)
  assert.match((await team('GET', 'otto')).body, /ann@example\.com/)
  assert.equal((await team('POST', 'vera', { address: 'ann@example.com' })).statusCode, 403)
  assert.equal((await team('POST', 'otto', { address: 'Ann@example.com' })).statusCode, 200)
  assert.equal((await team('POST', 'otto', { address: 'ann@example.com' })).statusCode, 404)
})
