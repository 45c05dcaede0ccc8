import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { App } from '../../apps/app/app.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { openStore } from '../../db/db.ts'
import { type CheckinPorts, createCheckins } from './checkins.ts'
import { checkinStore } from './store.ts'
import { checkinMetrics, viewOf } from './view.ts'

const MINUTE = 60_000
const configOf = (more: string) =>
  readConfigOrFail(`name: shop\nservices: { api: { start: node a } }\n${more}`)
const JOBS = configOf('checkins: { mail: { every: 10m, grace: 5m }, report: { every: 1d, level: warning } }')

const SHOP: App = {
  ...{ name: 'shop', port: 8001, state: 'running', warm: {}, scale: {} },
  live: { api: { release: 'r1', colour: 'blue' } },
}

function world() {
  const state = {
    now: 1_000 * MINUTE,
    config: JOBS,
    apps: [SHOP],
  }
  const ports: CheckinPorts = {
    apps: {
      all: async () => state.apps,
      secrets: async () => ({ 'checkin:mail': 'm'.repeat(40), 'checkin:report': 'r'.repeat(40) }),
    },
    config: async () => state.config,
    store: checkinStore(openStore(':memory:')),
    clock: { now: () => state.now, sleep: async () => {} },
    nextRun: () => null,
    urlOf: token => `http://keeper/${token}`,
  }
  return { state, started: () => createCheckins(ports) }
}
const MAIL = 'm'.repeat(40)
const END = { kind: 'end' } as const

test('a job that never called is waiting, then missed; a call ends that, also of a keeper started again', async () => {
  const { state, started } = world()
  const states = async () => (await started().list()).map(({ judged }) => judged.state)
  assert.deepEqual(await states(), ['waiting', 'waiting'])
  state.now += 16 * MINUTE
  assert.deepEqual(await states(), ['missed', 'waiting'])
  const [alarm, ...others] = await started().alarms()
  assert.deepEqual([alarm!.code, alarm!.name, alarm!.level, others], ['checkin.missed', 'mail', 'late', []])
  await started().call(MAIL, END)
  assert.deepEqual(await states(), ['ok', 'waiting'])
  state.now += MINUTE
  await started().call(MAIL, { kind: 'fail', code: 3 })
  assert.deepEqual(
    (await started().alarms()).map(({ code }) => code),
    ['checkin.failed'],
  )
})

test('only who has the token calls, and not as often as it likes', async () => {
  const { state, started } = world()
  const checkins = started()
  await assert.rejects(checkins.call('x'.repeat(40), END), { code: 'checkin.unknown' })
  state.now += MINUTE
  for (let n = 0; n < 10; n++) await checkins.call(MAIL, END)
  await assert.rejects(checkins.call(MAIL, END), { code: 'checkin.slow' })
  await checkins.call('r'.repeat(40), END)
})

test('calls at once are all written down', async () => {
  const { state, started } = world()
  const checkins = started()
  await Promise.all([checkins.call(MAIL, { kind: 'start' }), checkins.call(MAIL, END)])
  const [mail] = await checkins.list()
  assert.deepEqual([mail!.called.startedAt, mail!.called.endedAt], [state.now, state.now])
})

test('what is taken out of the file has no address any more, and begins anew when it comes back', async () => {
  const { state, started } = world()
  const checkins = started()
  await checkins.call(MAIL, END)
  state.config = configOf('')
  assert.deepEqual(await checkins.list(), [])
  await assert.rejects(checkins.call(MAIL, END), { code: 'checkin.unknown' })
  state.config = JOBS
  state.now += MINUTE
  const [mail] = await checkins.list()
  assert.deepEqual([mail!.called.endedAt, mail!.called.since], [null, state.now])
  state.apps = []
  assert.deepEqual(await started().list(), [], 'nor of an app that was removed')
})

test('while its app is stopped nobody waits, and then from its start on', async () => {
  const { state, started } = world()
  const checkins = started()
  await checkins.list()
  state.apps = [{ ...SHOP, state: 'stopped' }]
  state.now += 60 * MINUTE
  assert.deepEqual(await checkins.alarms(), [])
  assert.equal((await checkins.list())[0]!.judged.state, 'paused')
  state.apps = [SHOP]
  const [mail] = await checkins.list()
  assert.deepEqual([mail!.judged.state, mail!.called.since], ['waiting', state.now])
})

test('the address is shown to who may change the app, and Prometheus gets no secret', async () => {
  const { started } = world()
  const checkins = started()
  await checkins.call(MAIL, END)
  const [mail] = await checkins.list()
  assert.equal(viewOf(mail!, true).url, `http://keeper/${MAIL}`)
  assert.equal(viewOf(mail!, false).url, null)
  const [ok, last] = checkinMetrics(await checkins.list())
  assert.deepEqual(ok!.samples, [
    [{ app: 'shop', checkin: 'mail' }, 1],
    [{ app: 'shop', checkin: 'report' }, 1],
  ])
  assert.deepEqual(last!.samples, [[{ app: 'shop', checkin: 'mail' }, 60_000]])
})
