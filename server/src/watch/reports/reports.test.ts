import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { openStore } from '../../db/db.ts'
import type { Sources } from './facts.ts'
import { createGather } from './gather.ts'
import { DAY, HOUR, NOW, sourcesWith, WEEK } from './reports.fixture.ts'
import { createReports } from './reports.ts'
import { reportRoutes } from './routes.ts'
import { reportStore } from './store.ts'
import type { Report, ReportSettings } from './wire.ts'

const WEEKLY: ReportSettings = { day: null, week: 'Mon 08:00', month: null, zone: 'UTC', channels: [] }

function server(t: TestContext) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const kept = reportStore(store)
  const state = {
    now: NOW - DAY,
    dies: false,
    hangs: false,
    channels: [
      { name: 'ops', settings: { kind: 'slack' } },
      { name: 'pager', settings: { kind: 'pagerduty' } },
    ],
  }
  const sources = sourcesWith()
  const make = () =>
    createReports({
      store: {
        ...kept,
        async tell(...told) {
          if (state.dies) throw new Error('killed')
          return kept.tell(...told)
        },
      },
      sources: {
        ...sources,
        drills: span => (state.hangs ? new Promise(() => {}) : sources.drills(span)),
      },
      messages: { channels: async () => state.channels, wake: async () => {} },
      clock: {
        now: () => state.now,
        sleep: async (_, signal) =>
          state.hangs
            ? undefined
            : new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('over')))),
      },
      ...{ started: NOW - 30 * DAY, server: 'alpha', zone: 'UTC', link: async () => null },
    })
  const told = async () => {
    const rows = await store.sql.selectFrom('message').select(['channel', 'content']).orderBy('id').execute()
    return rows.map(({ channel, content }) => `${channel}: ${JSON.parse(content).title}`)
  }
  const texts = async () =>
    (await store.sql.selectFrom('message').select('content').orderBy('id').execute()).map(
      ({ content }) => JSON.parse(content).text as string,
    )
  return { state, make, told, texts }
}

test('the weekly report is sent by itself on Monday, once, also by a keeper that is killed at it', async t => {
  const { state, make, told } = server(t)
  await make().tick()
  assert.deepEqual(await told(), [], 'what was due before somebody looked is not sent')
  state.now = NOW
  state.dies = true
  await assert.rejects(make().tick(), /killed/)
  state.dies = false
  await make().tick()
  await make().tick()
  assert.deepEqual(await told(), ['ops: alpha: weekly report: all is well'])
  state.now = NOW + 7 * DAY
  await make().tick()
  assert.equal((await told()).length, 2)
})

test('a keeper that was off sends it late and says so; days later it sends nothing', async t => {
  const { state, make, texts } = server(t)
  await make().tick()
  state.now = NOW + 20 * HOUR
  await make().tick()
  assert.match((await texts())[0]!, /^It was due at 2026-11-30 08:00 UTC, when the keeper did not run/)
  state.now = NOW + 7 * DAY + 4 * DAY
  await make().tick()
  assert.equal((await texts()).length, 1)
  state.now = NOW + 14 * DAY
  await make().tick()
  assert.equal((await texts()).length, 2)
})

test('what is turned on later is due from then on, and nobody is told where there is no channel', async t => {
  const { state, make, told } = server(t)
  await make().tick()
  state.now = NOW + HOUR
  await make().keep({ ...WEEKLY, day: '08:00', week: null })
  await make().tick()
  assert.deepEqual(await told(), [])
  state.now = NOW + DAY
  await make().tick()
  assert.deepEqual(await told(), ['ops: alpha: daily report: all is well'])
  state.channels = []
  state.now = NOW + 2 * DAY
  await make().tick()
  state.channels = [{ name: 'ops', settings: { kind: 'slack' } }]
  await make().tick()
  assert.equal((await told()).length, 1)
  await assert.rejects(make().keep({ ...WEEKLY, channels: ['sms'] }), { code: 'channel.unknown' })
})

test('a part that does not answer is not known, and the others are', async t => {
  const { state, make } = server(t)
  state.hangs = true
  const { sections, state: whole } = await make().report('week', () => true)
  const drills = sections.find(({ name }) => name === 'drills')!
  assert.deepEqual([whole, drills.state], ['unknown', 'unknown'])
  assert.match(drills.says, /not known: it took too long/)
})

test('what is asked by many at once, and again soon, is looked at once; what failed is looked at again', async () => {
  let [asked, fails, now] = [0, true, NOW]
  const clock = { now: () => now, sleep: () => new Promise<void>(() => {}) }
  const drills: Sources['drills'] = async () => {
    asked++
    if (fails) throw new Error('no place')
    return []
  }
  const gather = createGather({ ...sourcesWith(), drills }, clock)
  const look = async () => (await gather(WEEK, 1_000)).drills
  assert.deepEqual(await look(), { why: 'no place' })
  fails = false
  assert.deepEqual(await Promise.all([look(), look(), look()]), [{ items: [] }, { items: [] }, { items: [] }])
  assert.equal(asked, 2)
  now += 29_000
  await look()
  assert.equal(asked, 2)
  now += 2_000
  await look()
  assert.equal(asked, 3)
})

test('a report shows each caller what it may see, operators send it, and admins say when', async t => {
  const { make, told } = server(t)
  const audited: string[] = []
  const crowd = peopleOf({
    ...{ anna: 'admin', otto: 'operator', vera: 'viewer' },
    bob: { apps: { bar: 'operator' } },
  })
  const api = await apiWith(t, crowd, app =>
    reportRoutes(app, {
      reports: make(),
      audit: { write: async ({ actor, action, detail }) => audited.push(`${actor} ${action} ${detail}`) },
    }),
  )
  const ask = async (as: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { cookie: as, host: 'keeper', origin: 'http://keeper' }
    const answer = await api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    return { status: answer.statusCode, body: answer.json() }
  }
  const seen = (await ask('vera', 'GET', '/api/report')).body as Report
  assert.deepEqual([seen.period, seen.traffic.map(({ app }) => app)], ['week', ['shop']])
  assert.ok(seen.sections.some(({ name }) => name === 'updates'))
  const part = (await ask('bob', 'GET', '/api/report?period=day')).body as Report
  assert.deepEqual(part.traffic, [])
  assert.equal(JSON.stringify(part).includes('shop'), false)
  assert.ok(!part.sections.some(({ name }) => name === 'updates' || name === 'access'))
  assert.equal((await ask('vera', 'GET', '/api/report?period=year')).status, 400)

  assert.equal((await ask('vera', 'POST', '/api/report/send', {})).status, 403)
  assert.equal((await ask('bob', 'POST', '/api/report/send', {})).status, 403)
  assert.deepEqual((await ask('otto', 'POST', '/api/report/send', { period: 'month' })).body.channels, [
    'ops',
  ])
  assert.deepEqual(await told(), ['ops: alpha: monthly report: all is well'])

  assert.equal((await ask('otto', 'POST', '/api/report-settings', WEEKLY)).status, 403)
  assert.equal((await ask('bob', 'GET', '/api/report-settings')).status, 403)
  const wish = { ...WEEKLY, month: '1 07:30', channels: ['pager'] }
  assert.deepEqual((await ask('anna', 'POST', '/api/report-settings', wish)).body, wish)
  for (const wrong of [{ week: '08:00' }, { month: '29 08:00' }, { day: '24:00' }, { zone: 'Mars' }])
    assert.equal((await ask('anna', 'POST', '/api/report-settings', { ...WEEKLY, ...wrong })).status, 400)
  assert.deepEqual(
    audited.map(one => one.split(' ').slice(0, 3).join(' ')),
    ['otto report send', 'anna report settings'],
  )
})
