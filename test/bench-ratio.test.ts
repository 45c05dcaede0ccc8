import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparison, type Side } from '../bench/ratio.ts'

test('a ratio is told of two sides that did all their work, and of no others', () => {
  const ratio = (ours: Side, other: Side) =>
    comparison({ ours, other }, () => ours.figures[0]! / other.figures[0]!)
  const good = { figures: [3], failed: 0 }
  assert.equal(ratio(good, { figures: [9], failed: 0 }), 0.333)
  assert.equal(ratio(good, { figures: [9], failed: 7 }), 'no comparison: 7 of other failed')
  assert.equal(ratio({ ...good, failed: 1 }, good), 'no comparison: 1 of ours failed')
  for (const figures of [[], [9, Number.NaN], [0]])
    assert.equal(ratio(good, { figures, failed: 0 }), 'no comparison: there is nothing of other')
})
