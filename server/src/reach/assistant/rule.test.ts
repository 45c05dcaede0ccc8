import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BOUNDS, bounded, lentBy } from './rule.ts'

test('an assistant has the role of its person, where one token can have it', () => {
  assert.deepEqual(lentBy({ role: 'admin', apps: {} }), { role: 'admin', apps: null })
  assert.deepEqual(lentBy({ role: null, apps: { shop: 'operator', bar: 'operator' } }), {
    role: 'operator',
    apps: ['shop', 'bar'],
  })
  const others: Array<Parameters<typeof lentBy>[0]> = [
    { role: null, apps: {} },
    { role: null, apps: { shop: 'operator', bar: 'viewer' } },
    { role: 'viewer', apps: { shop: 'admin' } },
  ]
  for (const mixed of others) assert.equal(lentBy(mixed), null)
})

test('what fits is as it was', () => {
  const value = { app: 'shop', lines: [{ text: 'hello', n: 1, at: null }] }
  assert.deepEqual(bounded(value), { value, cut: [] })
})

test('long texts and lists are cut, and it is said where', () => {
  const { value, cut } = bounded({ lines: Array(300).fill('x'), reason: 'y'.repeat(5_000) })
  assert.equal(value.lines.length, BOUNDS.list)
  assert.equal(value.reason, `${'y'.repeat(BOUNDS.text)}…`)
  assert.deepEqual(cut, ['lines: 200 of 300 entries', 'reason: the first 2000 of 5000 characters'])
})

test('an answer has a bound, whatever is in it', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text: fc.string(), more: fc.array(fc.string()) })), given => {
      const wide = given.map(one => ({ ...one, text: one.text.repeat(500) }))
      const { value } = bounded({ wide })
      assert.ok(JSON.stringify(value).length <= BOUNDS.answer)
      assert.deepEqual(Object.keys(value.wide[0] ?? { text: 1, more: 1 }), ['text', 'more'])
    }),
  )
  const { value, cut } = bounded({ lines: Array(200).fill({ text: 'z'.repeat(2_000) }) })
  assert.ok(JSON.stringify(value).length <= BOUNDS.answer)
  assert.ok(cut.includes('lines: 50 of 200 entries'), cut.join('\n'))
})
