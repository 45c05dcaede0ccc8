import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rights } from '../../api/actor.ts'
import { openStore } from '../../db/db.ts'
import { factorOf, factorPolicy } from './factor.ts'

const rights = (more: Partial<Rights>): Rights => ({ role: null, apps: {}, verbs: null, ...more })

test('a second factor is owed by whom it is asked of, and has none', () => {
  const people = [
    rights({ role: 'admin' }),
    rights({ apps: { shop: 'admin' } }),
    rights({ role: 'operator' }),
  ]
  const owe = (policy: Parameters<typeof factorOf>[2]) => people.map(one => factorOf(one, false, policy))
  assert.deepEqual(owe('nobody'), ['off', 'off', 'off'])
  assert.deepEqual(owe('admins'), ['owed', 'owed', 'off'])
  assert.deepEqual(owe('all'), ['owed', 'owed', 'owed'])
  assert.equal(factorOf(rights({ role: 'admin' }), true, 'all'), 'on')
})

test('who must have one is kept', async t => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const policy = factorPolicy(store)
  assert.equal(await policy.read(), 'nobody')
  await policy.keep('admins')
  assert.deepEqual([await policy.read(), await factorPolicy(store).read()], ['admins', 'admins'])
})
