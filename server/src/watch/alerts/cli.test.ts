import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { AppStatus } from '../../apps/app/wire.ts'
import { typed } from '../../bin/program.fixture.ts'
import { appOf, failsWith, says } from '../../cli/stand-in.fixture.ts'
import type { Failure } from '../../kernel/failure.ts'
import { Acked, AlertSettings, AlertView, RouteView } from './wire.ts'
import { GotSilence } from './wire-v2.ts'

const AT = new Date(Date.now() - 3_600_000).toISOString()
const alert: AlertView = {
  ...{ occurrence: '3f2a0000-x', source: 'keeper', fingerprint: 'f', severity: 'late', state: 'firing' },
  ...{ what: 'shop serves nobody', more: '`inn status shop` says why', app: 'shop', labels: {} },
  ...{ since: AT, overAt: null, muted: null, flapping: false, told: [{ channel: 'ops', at: AT }] },
  acked: { by: 'anna', at: AT },
}
const over: AlertView = { ...alert, state: 'over', overAt: AT, occurrence: 'old' }
const alerts = { 'GET /api/alerts': says(z.array(AlertView), [alert, over]) }
const silence: GotSilence = {
  ...{ id: '1c8b0000-x', createdBy: 'anna', comment: 'new disk', startsAt: AT, updatedAt: AT },
  endsAt: new Date(Date.now() + 3_600_000).toISOString(),
  matchers: [{ name: 'app', value: 'shop', isRegex: false, isEqual: true }],
  status: { state: 'active' },
}
const silences = { 'GET /api/v2/silences': says(z.array(GotSilence), [silence]) }

test('inn alerts shows what is wrong, for how long, who was told and who has it in hand', async t => {
  const { out } = await typed(t, ['alerts'], alerts)
  assert.match(out, /3f2a0000 +critical +1 h +ops +anna +shop serves nobody\n {2}inn status shop says why/)
  assert.doesNotMatch(out, /old/)
  assert.match((await typed(t, ['alerts', '--over'], alerts)).out, /old +over/)
  assert.deepEqual((await typed(t, ['alerts', '--json'], alerts)).json(), [alert])
  const nothing = { 'GET /api/alerts': says(z.array(AlertView), []) }
  assert.match((await typed(t, ['alerts'], nothing)).out, /nothing is wrong/)
})

test('inn ack takes the beginning of an id, several, or all', async t => {
  const answers = { ...alerts, 'POST /api/alerts/ack': says(Acked, { acknowledged: ['3f2a0000-x'] }) }
  const { calls, out } = await typed(t, ['ack', '3f2a'], answers)
  assert.deepEqual(calls.at(-1), ['POST /api/alerts/ack', { occurrences: ['3f2a0000-x'] }])
  assert.equal(out, 'you have 1 alert in hand\n')
  const two = await typed(t, ['ack', '3f2a', '81c0'], answers)
  assert.deepEqual(two.calls.at(-1)![1], { occurrences: ['3f2a0000-x', '81c0'] })
  assert.match(two.out, /1 alert in hand\nthe others are over/)
  assert.deepEqual((await typed(t, ['ack', '--all'], answers)).calls.at(-1)![1], { occurrences: null })
  await assert.rejects(typed(t, ['ack'], answers), failsWith('usage.ack'))
  assert.deepEqual(
    (await typed(t, ['ack', ''], answers)).calls.at(-1)![1],
    { occurrences: [''] },
    'none is meant',
  )
})

test('inn silence shows, adds and ends', async t => {
  const { out } = await typed(t, ['silence'], silences)
  assert.match(out, /1c8b0000 +app="shop" +now .* anna +new disk/)
  const added = {
    'GET /api/alerts': says(z.array(AlertView), []),
    'GET /api/apps/shop': says(AppStatus, appOf('shop')),
    'POST /api/v2/silences': says(z.object({ silenceID: z.string() }), { silenceID: '9abc0000-x' }),
  }
  const { calls } = await typed(
    t,
    ['silence', 'add', 'night', '--app', 'shop', '--match', 'alertname=~"D.*"', '--for', '2h'],
    added,
  )
  const body = calls.at(-1)![1] as GotSilence
  assert.deepEqual(
    body.matchers.map(one => `${one.name} ${one.value} ${one.isRegex}`),
    ['app shop false', 'alertname D.* true'],
  )
  assert.equal(Date.parse(body.endsAt) - Date.parse(body.startsAt), 7_200_000)
  const ended = { ...silences, 'DELETE /api/v2/silence/1c8b0000-x': says(z.object({}), {}) }
  assert.match((await typed(t, ['silence', 'end', '1c8b'], ended)).out, /told again: app="shop"/)
  await assert.rejects(typed(t, ['silence', 'end', ''], ended), failsWith('silence.unknown'))
  await assert.rejects(typed(t, ['silence', 'add', 'x', '--for', '2h'], added), failsWith('usage.silence'))
})

test('inn alerts route reads hours, weeks and steps', async t => {
  const answers = { 'POST /api/alert-routes': says(z.object({ id: z.number() }), { id: 3 }) }
  const args = [
    'alerts',
    'route',
    'critical',
    'pager',
    '--after',
    '10m',
    '--hours',
    '20:00-08:30',
    '--weeks',
    '1/2',
    '--zone',
    'UTC',
  ]
  const { calls, out } = await typed(t, args, answers)
  assert.deepEqual(calls[0]![1], {
    ...{ severity: 'late', channel: 'pager', afterMs: 600_000, zone: 'UTC' },
    ...{ hours: { from: 1200, to: 510 }, weeks: { nth: 1, of: 2 } },
  })
  assert.match(out, /unroute 3/)
  const route: RouteView = { ...(calls[0]![1] as RouteView), id: 3, on: false }
  const listed = await typed(t, ['alerts', 'routes'], {
    'GET /api/alert-routes': says(z.array(RouteView), [route]),
  })
  assert.match(listed.out, /3 +critical +pager +after 10 min +20:00-08:30 UTC +1 of 2 +no/)
})

test('inn alerts settings changes what is named, and leaves the rest', async t => {
  const known = { link: 'https://keeper.example.com', watchdog: null, metricsWatchdog: null }
  const answers = {
    'GET /api/alert-settings': says(AlertSettings, known),
    'POST /api/alert-settings': says(AlertSettings, { ...known, watchdog: 'https://hc.example.com/1' }),
  }
  const { calls, out } = await typed(
    t,
    ['alerts', 'settings', '--watchdog', 'https://hc.example.com/1'],
    answers,
  )
  assert.deepEqual(calls.at(-1)![1], { ...known, watchdog: 'https://hc.example.com/1' })
  assert.match(out, /watchdog {2}https:\/\/hc/)
})

test('what an option cannot mean is refused with its reason and what to write, before the keeper is asked', async t => {
  const route = ['alerts', 'route', 'critical', 'pager']
  const cases: Array<[args: string[], why: RegExp, fix: RegExp]> = [
    [[...route, '--hours', 'night'], /two times/, /--hours 08:00-20:00/],
    [[...route, '--hours', '08:00-25:00'], /24:00/, /--hours 08:00-20:00/],
    [[...route, '--hours', '08:00-08:00'], /nobody/, /--hours 08:00-20:00/],
    [[...route, '--weeks', 'x'], /of how many/, /--weeks 1\/2/],
    [[...route, '--weeks', '3/2'], /1 to 2/, /--weeks 1\/2/],
    [[...route, '--weeks', '1/1'], /2 to 52/, /--weeks 1\/2/],
    [[...route, '--zone', 'X'], /no time zone/, /--zone Europe\/Berlin/],
    [[...route, '--zone', 'Europe/Pari'], /no time zone/, /--zone Europe\/Paris/],
    [[...route, '--after', '30d'], /1 d at most/, /--after 10m/],
    [['alerts', 'unroute', 'x'], /number/, /inn alerts routes/],
    [['alerts', 'settings', '--link', 'x'], /https/, /--link none/],
    [['silence', 'add', 'disk', '--match', 'a=b', '--for', '0'], /1.0 s at least/, /--for 2h/],
    [['silence', 'add', 'disk', '--match', 'a=b', '--for', 'x'], /number and/, /--for 2h/],
    [['silence', 'add', 'disk', '--match', 'a=~.*', '--for', '1h'], /empty/, /alertname/],
    [['silence', 'add', 'disk', '--match', 'a=~(', '--for', '1h'], /regular expression/, /alertname/],
  ]
  const answers = {
    'GET /api/alert-settings': says(AlertSettings, { link: null, watchdog: null, metricsWatchdog: null }),
  }
  for (const [args, why, fix] of cases)
    await assert.rejects(typed(t, args, answers), (error: Failure) => {
      assert.match(
        `${error.why} | ${error.fix}`,
        new RegExp(`${why.source}.* \\| .*${fix.source}`),
        args.join(' '),
      )
      return /^usage\./.test(error.code)
    })
})
