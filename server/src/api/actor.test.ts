import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { entryOf, isAssistant, mayGive, mayIn, mayLend, type Rights, reachOf } from './actor.ts'
import { Role, Verb } from './wire.ts'

const rights = (more: Partial<Rights>): Rights => ({ role: null, apps: {}, verbs: null, ...more })

test('a role in an app counts there and nowhere else; the role in all apps counts everywhere', () => {
  const olga = rights({ role: 'viewer', apps: { shop: 'admin' } })
  assert.deepEqual(
    [mayIn(olga, 'admin', 'shop'), mayIn(olga, 'viewer', 'bar'), mayIn(olga, 'operator', 'bar')],
    [true, true, false],
  )
  assert.equal(mayIn(olga, 'operator', null), false, 'what is of no app is for who may everywhere')
  assert.deepEqual([reachOf(olga, 'viewer'), reachOf(olga, 'operator')], [null, ['shop']])
  const eve = rights({})
  for (const name of ['constructor', '__proto__', 'shop', null])
    assert.equal(mayIn(eve, 'viewer', name), false)
  assert.deepEqual(reachOf(eve, 'viewer'), [])
})

test('a role in shop@preview is one in each preview of shop, and in nothing else', () => {
  const ci = rights({ apps: { 'shop@preview': 'operator' } })
  for (const app of ['shop@preview', 'shop@preview-pr-12'])
    assert.equal(mayIn(ci, 'operator', app), true, app)
  for (const app of ['shop', 'shop@staging', 'bar@preview-pr-12', 'shop@preview-', 'shop@preview-../x'])
    assert.equal(mayIn(ci, 'viewer', app), false, app)
})

const APPS = ['shop', 'bar', null] as const
const someRights = fc.record({
  role: fc.option(fc.constantFrom(...Role.options)),
  apps: fc.dictionary(fc.constantFrom('shop', 'bar'), fc.constantFrom(...Role.options)),
  verbs: fc.option(fc.uniqueArray(fc.constantFrom(...Verb.options))),
})

test('whatever somebody gives, they have themselves, and are admin of where it counts', () => {
  fc.assert(
    fc.property(someRights, someRights, (own, given) => {
      if (!mayGive(own, given)) return
      for (const app of APPS)
        for (const role of Role.options)
          if (mayIn(given, role, app)) assert.ok(mayIn(own, 'admin', app), `${role} in ${app}`)
      if (own.verbs !== null) for (const verb of given.verbs!) assert.ok(own.verbs.includes(verb))
    }),
  )
  assert.equal(mayGive(rights({ role: 'admin' }), rights({})), false, 'and nothing is no right')
})

test('an assistant may look where its maker may look, and ask for what its maker may do', () => {
  fc.assert(
    fc.property(someRights, someRights, (own, given) => {
      if (!mayLend(own, given)) return
      for (const app of APPS)
        for (const role of Role.options) if (mayIn(given, role, app)) assert.ok(mayIn(own, role, app))
      for (const verb of given.verbs!) {
        assert.ok(['read', 'propose'].includes(verb))
        assert.ok(own.verbs === null || own.verbs.includes(verb))
      }
    }),
  )
  const lent = rights({ role: 'operator', verbs: ['read', 'propose'] })
  assert.ok(mayLend(rights({ role: 'operator' }), lent))
  for (const own of [
    { role: 'viewer' },
    { role: 'admin', verbs: ['deploy'] },
    { apps: { shop: 'admin' } },
  ] as const)
    assert.equal(mayLend(rights(own), lent), false)
  assert.equal(mayLend(rights({ role: 'admin' }), rights({ role: 'admin' })), false, 'all verbs are no loan')
})

test('whoever is an assistant changes nothing, but where a route keeps the plan for a person', () => {
  fc.assert(
    fc.property(
      fc.record({
        verb: fc.option(fc.constantFrom('any' as const, ...Verb.options)),
        proposal: fc.boolean(),
        changes: fc.constant(true),
      }),
      asked => {
        const entry = entryOf({ verbs: ['read', 'propose'] }, asked)
        const own = asked.verb === 'read' || asked.verb === 'propose'
        assert.equal(entry, own ? 'whole' : asked.proposal ? 'proposal' : null)
      },
    ),
  )
  const looking = { verb: 'any', proposal: false, changes: false } as const
  assert.equal(entryOf({ verbs: ['read', 'propose'] }, looking), 'whole')
  // What a token was given besides it does without asking.
  const restart = { verb: 'restart', proposal: true, changes: true } as const
  assert.equal(entryOf({ verbs: ['propose', 'restart'] }, restart), 'whole')
  assert.equal(entryOf({ verbs: ['deploy'] }, restart), null)
  assert.deepEqual([isAssistant({ verbs: null }), isAssistant({ verbs: ['propose'] })], [false, true])
})
