import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rights } from '../../api/actor.ts'
import { openStore } from '../../db/db.ts'
import { factorOf, factorPolicy } from './factor.ts'
import type { Whom } from './wire.ts'

const NOTHING = { codes: false, passkeys: 0, shown: false }
const rights = (more: Partial<Rights>): Rights => ({ role: null, apps: {}, verbs: null, ...more })

test('a second factor is owed by whom it is asked of, and has none', () => {
  const people = [
    rights({ role: 'admin' }),
    rights({ apps: { shop: 'admin' } }),
    rights({ role: 'operator' }),
  ]
  const owe = (policy: Whom, held = NOTHING) => people.map(one => factorOf(one, held, policy))
  assert.deepEqual(owe('nobody'), ['off', 'off', 'off'])
  assert.deepEqual(owe('admins'), ['owed', 'owed', 'off'])
  assert.deepEqual(owe('all'), ['owed', 'owed', 'owed'])
  assert.deepEqual(owe('all', { ...NOTHING, codes: true }), ['on', 'on', 'on'])
})

test('a passkey is a second factor in the sessions that it opened; a password alone waits for it where one is asked', () => {
  const admin = rights({ role: 'admin' })
  const by = (held: Partial<typeof NOTHING>) =>
    (['nobody', 'admins'] as const).map(policy => factorOf(admin, { ...NOTHING, ...held }, policy))
  assert.deepEqual(by({ passkeys: 1 }), ['off', 'passkey'])
  assert.deepEqual(by({ passkeys: 1, shown: true }), ['on', 'on'])
  assert.deepEqual(by({ passkeys: 1, codes: true }), ['on', 'on'], 'a code was entered')
})

test('who must have one is kept', async t => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const policy = factorPolicy(store)
  assert.equal(await policy.read(), 'nobody')
  await policy.keep('admins')
  assert.deepEqual([await policy.read(), await factorPolicy(store).read()], ['admins', 'admins'])
})
