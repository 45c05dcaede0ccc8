import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heldPorts, type PortFacts, usersOf } from './held-ports.ts'
import { userName } from './names.ts'

const HOME = '/var/lib/innkeeper'
const facts: PortFacts = {
  home: HOME,
  given: new Map([
    ['shop.api.blue.1', 20_001],
    ['shop.redis', 20_002],
    ['bar.web.green.2', 20_003],
    ['keeper', 20_009],
  ]),
  clusters: [29_000, 29_002],
  ours: [80, 29_001],
}
const uids: Record<string, number> = {
  [userName(HOME, 'shop')]: 501,
  [userName(HOME, 'bar')]: 502,
  postgres: 70,
  'www-data': 33,
}
const uidOf = (user: string) => uids[user] ?? null

test('each port of an app answers for the user of that app alone, and each cluster for its own', () => {
  const held = heldPorts(facts, uidOf, 'www-data')
  assert.deepEqual(held.slice(0, 5), [
    { port: 20_001, uid: 501 },
    { port: 20_002, uid: 501 },
    { port: 20_003, uid: 502 },
    { port: 29_000, uid: 70 },
    { port: 29_002, uid: 70 },
  ])
  assert.ok(!held.some(({ port }) => port === 20_009), 'what is no app has no user of an app')
})

test('where root listens, its worker answers too', () => {
  const held = heldPorts(facts, uidOf, 'www-data').filter(({ port }) => facts.ours.includes(port))
  assert.deepEqual(held, [
    { port: 80, uid: 0 },
    { port: 80, uid: 33 },
    { port: 29_001, uid: 0 },
    { port: 29_001, uid: 33 },
  ])
})

test('a user that was not made yet listens nowhere, and nobody listens in its place', () => {
  const nobody = (user: string) => (user === 'postgres' ? 70 : null)
  assert.deepEqual(heldPorts({ ...facts, ours: [80] }, nobody, 'www-data'), [
    { port: 29_000, uid: 70 },
    { port: 29_002, uid: 70 },
    { port: 80, uid: 0 },
  ])
})

test('every user is asked for once', () => {
  assert.deepEqual(usersOf(facts, 'www-data'), [
    userName(HOME, 'shop'),
    userName(HOME, 'bar'),
    'postgres',
    'www-data',
  ])
  assert.deepEqual(usersOf({ ...facts, given: new Map(), clusters: [] }, 'www-data'), ['www-data'])
})
