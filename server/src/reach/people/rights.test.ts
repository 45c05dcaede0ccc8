import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rights } from '../../api/actor.ts'
import { sayHeld, sayRights, standing } from './rights.ts'
import type { TokenRow } from './store.ts'

const token = (key: string, maker: string | null, more: Partial<TokenRow> = {}): TokenRow => ({
  ...{ key, role: 'operator', apps: null, verbs: null, maker, made_by: 'anna' },
  ...more,
})
const anna = (more: Partial<Rights>): Rights => ({ role: null, apps: {}, verbs: null, ...more })

test('a token stands as long as its maker could make it, however far up', () => {
  const ci = token('ci', 'person:anna', { apps: ['shop'], verbs: ['deploy'] })
  const parent = token('parent', 'person:anna', { role: 'admin' })
  const child = token('child', 'token:parent')
  const known = new Map([ci, parent, child].map(row => [row.key, row]))
  const of = (row: TokenRow, person: Rights | null) =>
    standing(row, { person: () => person, token: key => known.get(key) ?? null })
  const narrow = { role: null, apps: { shop: 'operator' }, verbs: ['deploy'] }
  assert.deepEqual(of(ci, anna({ apps: { shop: 'admin' } })), narrow)
  for (const less of [anna({ apps: { bar: 'admin' } }), anna({ role: 'operator' }), null])
    assert.equal(of(ci, less), null)
  assert.deepEqual(of(child, anna({ role: 'admin' })), anna({ role: 'operator' }))
  assert.equal(of(child, anna({ apps: { shop: 'admin' } })), null, 'the token that made it stands no more')
  known.delete('parent')
  assert.equal(of(child, anna({ role: 'admin' })), null)
  assert.deepEqual(of(token('root', null, { role: 'admin' }), null), anna({ role: 'admin' }))
})

test('the token of an assistant stands as long as its maker has what it has, admin or not', () => {
  const lent = token('mcp', 'person:anna', { apps: ['shop'], verbs: ['read', 'propose'] })
  const of = (person: Rights | null, row = lent) => standing(row, { person: () => person, token: () => null })
  const operator = { role: null, apps: { shop: 'operator' }, verbs: ['read', 'propose'] }
  assert.deepEqual(of(anna({ apps: { shop: 'operator' } })), operator)
  for (const less of [anna({ apps: { shop: 'viewer' } }), anna({ apps: { bar: 'operator' } }), null])
    assert.equal(of(less), null)
  const deploys = token('ci', 'person:anna', { apps: ['shop'], verbs: ['read', 'deploy'] })
  assert.equal(of(anna({ apps: { shop: 'operator' } }), deploys), null, 'an operator gives nobody a deploy')
})

test('rights are said in one line', () => {
  assert.equal(sayRights(anna({ role: 'operator' })), 'operator')
  assert.equal(
    sayRights(anna({ role: 'viewer', apps: { shop: 'admin', bar: 'operator', desk: 'operator' } })),
    'viewer, and admin of shop, and operator of bar and desk',
  )
  assert.equal(
    sayRights(anna({ apps: { shop: 'operator' }, verbs: ['deploy'] })),
    'operator of shop, for deploy alone',
  )
})

test('what somebody has beside the password is said in words', () => {
  const said = [
    { codes: false, passkeys: 0 },
    { codes: true, passkeys: 0 },
    { codes: false, passkeys: 1 },
    { codes: true, passkeys: 2 },
  ].map(sayHeld)
  assert.deepEqual(said, ['no', 'codes', '1 passkey', 'codes and 2 passkeys'])
})
