import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import { CHANGES, firstChoice, VERBS } from './verbs.ts'

const app = (colour: 'blue' | 'green' | null): AppStatus =>
  ({
    colour,
    services: [
      { name: 'api', kind: 'web', instances: [{ role: 'live' }, { role: 'live' }, { role: 'warm' }] },
      { name: 'bot', kind: 'worker', instances: [] },
      { name: 'site', kind: 'static', instances: [] },
    ],
  }) as unknown as AppStatus

test('a dialog begins with the other colour and the instances that serve now', () => {
  assert.equal(firstChoice(app('blue'), undefined).colour, 'green')
  assert.equal(firstChoice(app('green'), undefined).colour, 'blue')
  assert.deepEqual(firstChoice(app('blue'), undefined).instances, { api: 2, bot: 0 })
})

test('each verb sends what its route takes, and no more', () => {
  const choice = { release: 'r3', colour: 'green' as const, instances: { api: 3 } }
  const sent = Object.fromEntries(VERBS.map(verb => [verb, CHANGES[verb].request(choice)]))
  assert.deepEqual(sent, {
    rollback: { plan: false, release: 'r3' },
    switch: { plan: false, colour: 'green' },
    restart: { plan: false },
    scale: { plan: false, instances: { api: 3 } },
    stop: { plan: false },
    start: { plan: false },
  })
  assert.deepEqual(CHANGES.rollback.request({ colour: 'blue', instances: {} }), { plan: false })
})

test('only what ends something is marked as dangerous', () => {
  assert.deepEqual(
    VERBS.filter(verb => CHANGES[verb].danger),
    ['stop'],
  )
})
