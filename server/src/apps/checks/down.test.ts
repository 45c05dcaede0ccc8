import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InstanceState } from '../app/wire.ts'
import { alarmsOf, certain, downNow, type Watched } from './down.ts'

const one = (state: InstanceState, more: Partial<Watched> = {}): Watched => ({
  ...{ app: 'shop', service: 'web', state, again: true },
  ...more,
})
const down = (...all: Watched[]) => [...downNow(new Map(), all, 0).values()].map(({ why }) => why)

test('a service is down when none of its instances works', () => {
  assert.deepEqual(down(one('down')), ['gone'])
  assert.deepEqual(down(one('starting')), ['gone'])
  assert.deepEqual(down(one('failing')), ['failing'])
  assert.deepEqual(down(one('failing'), one('down')), ['gone'])
  assert.deepEqual(down(one('ready'), one('down')), [])
  assert.deepEqual(down(one('starting', { again: false })), [])
  assert.deepEqual(down(one('stopped')), [])
  assert.deepEqual(down(one('ready'), one('down', { service: 'mail' })), ['gone'])
})

test('one that ends again and again is down since the first time, and told after three seconds', () => {
  let known = downNow(new Map(), [one('down')], 0)
  known = downNow(known, [one('starting')], 1_000)
  known = downNow(known, [one('down')], 2_999)
  assert.deepEqual(certain(known, 2_999), [])
  assert.equal(certain(known, 3_000).length, 1)
  assert.equal(downNow(known, [one('ready')], 4_000).size, 0)
})

test('one that fails its health is told at once: its retries were its time', () => {
  assert.equal(certain(downNow(new Map(), [one('failing')], 5), 5).length, 1)
})

test('an app has one alarm that names its services', () => {
  const all = [...downNow(new Map(), [one('down'), one('down', { service: 'mail' })], 0).values()]
  const [alarm, ...others] = alarmsOf(all)
  assert.deepEqual([alarm!.code, alarm!.app, others.length], ['app.down', 'shop', 0])
  assert.match(alarm!.what, /^web and mail of shop ended, and/)
  assert.match(alarmsOf([{ ...all[0]!, why: 'failing' }])[0]!.what, /^web of shop runs and fails its health$/)
})
