import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NOW } from '../incidents/incidents.fixture.ts'
import { overallOf, type ServiceFacts, stateOf, withClaims } from './rule.ts'
import { publicIncident, update } from './status-page.fixture.ts'
import type { ComponentState } from './wire.ts'

const facts = (more: Partial<ServiceFacts> = {}): ServiceFacts => ({
  ...{ down: false, requests: 100, errors: 0, failed: 0 },
  ...more,
})

const CASES: Array<[string, ServiceFacts[], ComponentState]> = [
  ['all is well', [facts()], 'operational'],
  ['nobody asks, and it works', [facts({ requests: 0 })], 'operational'],
  ['nobody knows', [facts({ down: null })], 'unknown'],
  ['one of two is not known', [facts(), facts({ down: null })], 'unknown'],
  ['it does not work', [facts({ down: true })], 'major'],
  ['all of few requests fail', [facts({ requests: 2, errors: 2 })], 'partial'],
  ['one of two requests fails', [facts({ requests: 2, errors: 1 })], 'operational'],
  ['one of two does not work', [facts(), facts({ down: true })], 'partial'],
  ['one does not work, the other is not known', [facts({ down: null }), facts({ down: true })], 'partial'],
  ['one request that nobody answered', [facts({ requests: 1, errors: 1, failed: 1 })], 'degraded'],
  ['an error of the app by itself is none of ours', [facts({ requests: 100, errors: 1 })], 'operational'],
  ['a share of errors that people meet', [facts({ errors: 3 })], 'degraded'],
  ['a tenth fails', [facts({ errors: 10 })], 'partial'],
  ['half fails, though every instance says that it is well', [facts({ errors: 50 })], 'major'],
  ['all fails, of few', [facts({ requests: 3, errors: 3 })], 'major'],
]
for (const [name, services, state] of CASES)
  test(`how a component is: ${name}`, () => {
    assert.equal(stateOf(services, false), state)
    assert.equal(stateOf(services, true), 'maintenance')
  })

test('a green is never shown while a request was not answered, something is down, or nobody knows', () => {
  const any = fc.record({
    down: fc.constantFrom(true, false, null),
    requests: fc.nat(1_000),
    errors: fc.nat(1_000),
    failed: fc.nat(3),
  })
  fc.assert(
    fc.property(fc.array(any, { minLength: 1, maxLength: 4 }), services => {
      const isWell = services.every(one => one.down === false && one.failed === 0)
      assert.ok(isWell || stateOf(services, false) !== 'operational')
    }),
  )
})

test('a component is as bad as it is measured, and as bad as people were told', () => {
  const minor = publicIncident({ severity: 'minor', updates: [update({ components: ['Booking'] })] })
  assert.equal(withClaims('Booking', 'operational', [minor]), 'degraded')
  assert.equal(withClaims('Booking', 'major', [minor]), 'major')
  assert.equal(withClaims('Website', 'operational', [minor]), 'operational')
  const over = { ...minor, updates: [...minor.updates, update({ as: 'resolved', components: ['Booking'] })] }
  assert.equal(withClaims('Booking', 'operational', [over]), 'operational')
  const silent = { ...minor, resolved: { by: 'anna', at: NOW } }
  assert.equal(withClaims('Booking', 'operational', [silent]), 'operational')
  const before = { ...minor, resolved: { by: 'keeper', at: NOW - 3_600_000 } }
  assert.equal(withClaims('Booking', 'operational', [before]), 'degraded', 'people spoke after it')
})

test('all of it is well only while no component is otherwise and no incident goes on', () => {
  const open = publicIncident({ severity: 'minor' })
  assert.equal(overallOf(['operational', 'operational'], []), 'operational')
  assert.equal(overallOf(['operational'], [open]), 'degraded')
  assert.equal(overallOf(['operational', 'major'], []), 'partial')
  assert.equal(overallOf(['major', 'major'], []), 'major')
  assert.equal(overallOf(['operational'], [publicIncident({ severity: 'critical' })]), 'major')
  assert.equal(overallOf(['operational', 'unknown'], []), 'unknown')
  assert.equal(overallOf(['operational', 'maintenance'], []), 'maintenance')
})
