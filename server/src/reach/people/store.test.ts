import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { appRoleStore, sessionUse, tokenStore } from './store.ts'

/** Tokens by their key; `maker` is who made them. */
function tokens(t: TestContext, makers: Record<string, string | null>) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const kept = tokenStore(store)
  for (const [key, maker] of Object.entries(makers))
    kept.add({ key, role: 'operator', apps: ['shop'], verbs: null, maker, made_by: 'anna' })
  return kept
}

test('a token is found by its key, with its role and who made it', t => {
  const kept = tokens(t, { ci: 'person:anna' })
  assert.deepEqual(
    { ...kept.find('ci') },
    { key: 'ci', role: 'operator', apps: ['shop'], verbs: null, maker: 'person:anna', made_by: 'anna' },
  )
  assert.equal(kept.find('none'), null)
  assert.equal(kept.all().length, 1)
})

test('roles in apps take the place of those that a person had', t => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const roles = appRoleStore(store)
  roles.set('anna', { shop: 'viewer', bar: 'admin' })
  roles.set('otto', { shop: 'viewer' })
  roles.set('anna', { shop: 'operator' })
  assert.deepEqual([roles.of('anna'), roles.of('otto')], [{ shop: 'operator' }, { shop: 'viewer' }])
  roles.set('anna', {})
  assert.deepEqual(roles.of('anna'), {})
  roles.set('anna', { shop: 'admin', bar: 'viewer' })
  roles.forget('shop')
  assert.deepEqual([roles.of('anna'), roles.of('otto')], [{ bar: 'viewer' }, {}])
})

test('that a session is used is written once a minute, and forgotten with it', t => {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const use = sessionUse(store)
  for (const at of [100_000, 130_000, 161_000]) use.used('a', at)
  use.used('b', 100_000)
  assert.deepEqual([use.of('a'), use.of('none')], [161_000, null])
  use.used('a', 200_000)
  use.keepOnly(['a'])
  const anew = sessionUse(store)
  assert.deepEqual([anew.of('a'), anew.of('b')], [161_000, null])
})

test('with a token end those that were made with it, and with those, and no others', t => {
  const kept = tokens(t, {
    ci: 'person:anna',
    child: 'token:ci',
    grandchild: 'token:child',
    other: 'person:anna',
    root: null,
  })
  assert.deepEqual(kept.end('ci').toSorted(), ['child', 'ci', 'grandchild'])
  assert.deepEqual(
    kept
      .all()
      .map(row => row.key)
      .toSorted(),
    ['other', 'root'],
  )
  assert.deepEqual(kept.end('ci'), [], 'a second time ends nothing')
})

test('with a maker end all that they made, however far down, and nothing of somebody else', t => {
  const kept = tokens(t, {
    one: 'person:anna',
    two: 'person:anna',
    below: 'token:two',
    eves: 'person:eve',
    root: null,
  })
  assert.deepEqual(kept.endMadeBy('person:anna').toSorted(), ['below', 'one', 'two'])
  assert.deepEqual(
    kept
      .all()
      .map(row => row.key)
      .toSorted(),
    ['eves', 'root'],
  )
})

test('tokens that made each other end, and do not go on for ever', t => {
  const kept = tokens(t, { a: 'token:b', b: 'token:a' })
  assert.deepEqual(kept.end('a').toSorted(), ['a', 'b'])
})
