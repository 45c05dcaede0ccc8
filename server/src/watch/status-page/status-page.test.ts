import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { App } from '../../apps/app/app.ts'
import type { SeenInstance } from '../../apps/app/status.ts'
import type { AppConfig } from '../../config/config.ts'
import { readConfig } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import type { PageFiles, Traffic } from '../../reach/edge/edge.ts'
import type { PublicIncident } from '../incidents/updates.ts'
import type { Window } from '../maintenance/rule.ts'
import { publicIncident, update, window } from './status-page.fixture.ts'
import { createStatusPages } from './status-page.ts'
import { statusPageStore } from './store.ts'
import { subscriberStore } from './subscriber-store.ts'
import { createSubscribers } from './subscribers.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const NOON = Date.parse('2026-11-30T12:00:00Z')

const FILE = `name: shop
services: { api: { start: node a.js }, web: { start: node b.js } }
routes: { /: web, /api: api }
statusPage: { title: Hotel, components: { Booking: api, Website: web }, mail: post }
`
const app = (name = 'shop'): App => ({
  ...{ name, port: 1, state: 'running', warm: {}, scale: {} },
  live: { api: { release: 'r1', colour: 'blue' }, web: { release: 'r1', colour: 'blue' } },
})
const instance = (service: string, state: SeenInstance['state']): SeenInstance =>
  ({ service, state, colour: 'blue', n: 1 }) as SeenInstance

const traffic = (requests: number, errors: number): Traffic => ({
  ...{ requests, seconds: [], active: 0 },
  status: { '2xx': requests - errors, '3xx': 0, '4xx': 0, '5xx': errors, failed: 0 },
})

function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const config = readConfig(FILE).config as AppConfig
  const state = {
    now: NOON,
    apps: [app()],
    config: config as AppConfig | null,
    instances: [instance('api', 'ready'), instance('web', 'ready')],
    incidents: [] as PublicIncident[],
    windows: [] as Window[],
    counted: traffic(0, 0),
    edge: true,
    asleep: false,
    channel: true,
    full: false,
    unreadable: '',
  }
  const published = new Map<string, PageFiles>()
  const logged: string[] = []
  const clock = { now: () => state.now, sleep: async () => {} }
  const make = () => {
    const subscribers = createSubscribers({
      ...{ store: subscriberStore(store), clock, random: () => 'token', digest: text => `d-${text}` },
      ...{ sign: async text => `signed ${text}`, wake: async () => {} },
      mailing: async () => ({ title: 'Hotel', url: 'https://s/', channel: 'post' }),
    })
    const pages = createStatusPages({
      ...{ store: statusPageStore(store), subscribers, clock, wake: async () => {} },
      pages: {
        async publish(site, files) {
          if (state.full) throw new Error('no space left on device')
          published.set(site, files)
        },
        published: async () => [...published.keys()],
        remove: async site => void published.delete(site),
      },
      apps: async () => state.apps,
      async config({ name }) {
        if (name === state.unreadable) throw new Error('it cannot be read')
        return state.config
      },
      instances: async () => state.instances,
      table: async () => ({ routes: [], services: {}, ...(state.asleep ? { asleep: true as const } : {}) }),
      slots: () =>
        state.edge
          ? [{ at: state.now - 5 * SECOND, parts: { 'api/r1': state.counted, 'web/r1': traffic(1, 0) } }]
          : [],
      incidents: { inPublic: async () => state.incidents },
      maintenance: { list: async () => state.windows },
      takesLetters: async () => state.channel,
      url: async () => 'https://s/',
      log: (_, msg) => logged.push(msg),
    })
    return { pages, subscribers }
  }
  /** Looks each five seconds. */
  async function run(pages: ReturnType<typeof make>['pages'], ms: number) {
    for (const end = state.now + ms; state.now < end; ) {
      state.now += 5 * SECOND
      await pages.tick()
    }
  }
  const today = async (name: string) => {
    const page = await make().pages.show('shop')
    return page.page.components.find(one => one.name === name)!.days.at(-1)!
  }
  const letters = async () =>
    (await store.sql.selectFrom('message').select(['recipient', 'content']).execute()).map(
      one => `${one.recipient} ${(JSON.parse(one.content) as { title: string }).title}`,
    )
  const html = () => published.get('shop')?.['index.html'] ?? ''
  return { store, state, published, logged, make, run, today, letters, html }
}

test('a component that is down is on the page within seconds, and its minutes are counted', async t => {
  const { state, make, run, html, today } = server(t)
  const { pages } = make()
  await run(pages, MINUTE)
  assert.match(html(), /All systems operational/)
  state.instances = [instance('api', 'failing'), instance('web', 'ready')]
  await run(pages, 5 * SECOND)
  assert.match(html(), /<strong>Partial outage/)
  await run(pages, 2 * MINUTE)
  const { down, known } = await today('Booking')
  assert.ok(down >= 90 * SECOND && down <= 2 * MINUTE + 5 * SECOND, String(down))
  assert.ok(known >= 2.5 * MINUTE)
  assert.equal((await today('Website')).down, 0)
})

test('requests are those that the edge counted, each once; how many there were is not public', async t => {
  const { state, make, run, today, published } = server(t)
  state.counted = traffic(10, 1)
  // It is written down after 5, 35 and 65 seconds.
  await run(make().pages, 65 * SECOND)
  const { requests, errors } = await today('Booking')
  assert.deepEqual([requests, errors], [130, 13])
  assert.match(published.get('shop')!['status.json']!, /"known":/)
  assert.doesNotMatch(published.get('shop')!['status.json']!, /requests|errors/)
})

test('a keeper that is killed loses half a minute at most, and what it did not see is not known', async t => {
  const { state, make, run, today } = server(t)
  await run(make().pages, 10 * MINUTE)
  const before = (await today('Booking')).known
  assert.ok(before >= 9.5 * MINUTE - 5 * SECOND, String(before))
  state.now += 30 * MINUTE
  await run(make().pages, MINUTE)
  const { known } = await today('Booking')
  assert.ok(known - before <= MINUTE, 'the half hour without a keeper is not known')
})

test('an app that somebody stopped is down, and one that sleeps is not', async t => {
  const { state, make, run, html } = server(t)
  state.apps = [{ ...app(), state: 'stopped' }]
  state.instances = []
  const { pages } = make()
  await run(pages, 5 * SECOND)
  assert.match(html(), /<strong>Major outage/)
  state.asleep = true
  await run(pages, 5 * SECOND)
  assert.match(html(), /All systems operational/)
})

test('an edge that says nothing leaves the page without a green', async t => {
  const { state, make, run, html } = server(t)
  state.edge = false
  await run(make().pages, MINUTE)
  assert.doesNotMatch(html(), /All systems operational/)
  assert.match(html(), /not known at the moment/)
})

test('a clock that is put back an hour counts no time twice, and the page is written all the same', async t => {
  const { state, make, run, today, html } = server(t)
  const { pages } = make()
  await run(pages, 90 * MINUTE)
  const { known } = await today('Booking')
  state.now -= 60 * MINUTE
  state.instances = [instance('api', 'failing'), instance('web', 'failing')]
  await run(pages, 10 * MINUTE)
  assert.match(html(), /<strong>Major outage/)
  assert.ok((await today('Booking')).known - known <= 30 * SECOND, 'but for what was not written down yet')
  await run(pages, 60 * MINUTE)
  assert.ok((await today('Booking')).known > known)
})

test('an app whose release cannot be read keeps its page, and no other from being written', async t => {
  const { state, make, run, published } = server(t)
  state.apps = [app('broken'), app('shop')]
  const { pages } = make()
  await run(pages, MINUTE)
  const before = published.get('broken')!['status.json']
  state.unreadable = 'broken'
  state.instances = [instance('api', 'failing'), instance('web', 'ready')]
  await run(pages, 3 * MINUTE)
  assert.match(published.get('shop')!['index.html']!, /Partial outage/)
  assert.equal(published.get('broken')?.['status.json'], before)
  assert.deepEqual(
    (await pages.alarms()).map(({ app: of }) => of),
    ['broken'],
  )
})

test('a full disk leaves the page that is there, is an alarm, and ends by itself', async t => {
  const { state, make, run, html, logged } = server(t)
  const { pages } = make()
  await run(pages, MINUTE)
  const before = html()
  state.full = true
  state.instances = [instance('api', 'failing'), instance('web', 'ready')]
  await run(pages, 3 * MINUTE)
  assert.equal(html(), before)
  assert.match(logged[0]!, /cannot be written/)
  assert.deepEqual(
    (await pages.alarms()).map(({ code, app: of }) => `${code} ${of}`),
    ['status-page.stuck shop'],
  )
  state.full = false
  await run(pages, 5 * SECOND)
  assert.match(html(), /Partial outage/)
  assert.deepEqual(await pages.alarms(), [])
})

test('where the channel is not there, or takes no letters, there is no form and nobody subscribes', async t => {
  const { state, make, run, html } = server(t)
  const { pages } = make()
  await run(pages, 5 * SECOND)
  assert.match(html(), /<form/)
  assert.notEqual(await pages.mailing('shop'), null)
  state.channel = false
  await run(pages, MINUTE)
  assert.doesNotMatch(html(), /<form/)
  assert.equal(await pages.mailing('shop'), null)
})

test('an app that is gone leaves no page, no days and no addresses; one without a page leaves no files', async t => {
  const { store, state, make, run, published } = server(t)
  const { pages, subscribers } = make()
  await subscribers.subscribe('shop', 'ann@example.com')
  await run(pages, MINUTE)
  state.config = null
  await run(pages, 5 * SECOND)
  assert.deepEqual([...published.keys()], [])
  assert.equal((await store.sql.selectFrom('subscriber').selectAll().execute()).length, 1)
  state.apps = []
  await run(pages, 2 * MINUTE)
  assert.deepEqual(await statusPageStore(store).apps(), [])
})

test('each word is told once to each who confirmed, also by a keeper that was killed in between', async t => {
  const { state, make, run, letters, published } = server(t)
  const { pages, subscribers } = make()
  await subscribers.subscribe('shop', 'ann@example.com')
  await subscribers.confirm('shop', 'token')
  await subscribers.subscribe('shop', 'never@example.com')
  await run(pages, 5 * SECOND)
  state.incidents = [publicIncident({ updates: [update({ at: state.now })] })]
  state.windows = [window({ beginsAt: state.now + 60 * MINUTE, endsAt: state.now + 90 * MINUTE })]
  await run(pages, 15 * SECOND)
  await run(make().pages, 15 * SECOND)
  assert.deepEqual((await letters()).slice(2), [
    'ann@example.com Hotel: Investigating: Partial outage',
    'ann@example.com Hotel: Maintenance is planned for 2026-11-30 13:00 UTC',
  ])
  assert.equal(published.get('shop')!['feed.xml']!.match(/<item>/g)!.length, 2)
})

test('a store that fails between telling and noting tells nothing', async t => {
  const { store, state, make, run, letters } = server(t)
  const { pages, subscribers } = make()
  await subscribers.subscribe('shop', 'ann@example.com')
  await subscribers.confirm('shop', 'token')
  state.incidents = [publicIncident({ updates: [update({ at: state.now })] })]
  await store.sql.schema.alterTable('message').renameTo('away').execute()
  await run(pages, 10 * SECOND)
  assert.deepEqual(await store.sql.selectFrom('status_news').selectAll().execute(), [])
  await store.sql.schema.alterTable('away').renameTo('message').execute()
  await run(pages, 10 * SECOND)
  assert.equal((await letters()).length, 2)
})

test('while people work on it that is neither up nor down', async t => {
  const { state, make, run, today, html } = server(t)
  state.windows = [window({ state: 'on', beginsAt: state.now, endsAt: state.now + 60 * MINUTE })]
  state.instances = [instance('api', 'failing'), instance('web', 'failing')]
  await run(make().pages, 5 * MINUTE)
  const { down, maintenance, known } = await today('Booking')
  assert.equal(down, 0)
  assert.equal(maintenance, known)
  assert.match(html(), /Maintenance is under way/)
})

test('what is told is told once, whoever else tells it at the same time', async t => {
  const { store, letters } = server(t)
  const kept = statusPageStore(store)
  const news = { key: 'incident:1:1', at: NOON, title: 'Slow', text: 'We look.' }
  const content = { level: 'soon' as const, title: 'x', text: '', incidents: [], link: null }
  const drafts = [{ channel: 'post', content: { ...content, letter: { to: 'ann@example.com' } } }]
  await Promise.all([kept.tell('shop', news, drafts, NOON), kept.tell('shop', news, drafts, NOON)])
  assert.equal((await letters()).length, 1)
})
