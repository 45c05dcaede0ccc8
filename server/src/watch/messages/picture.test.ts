import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Chart } from './channel.ts'
import { niceTop, shown, svgOf } from './picture.ts'

test('the top of a scale is a round number that holds all', () => {
  const cases = [0, 0.03, 0.05, 1, 1.1, 7, 24, 26, 99, 101].map(most => [most, niceTop(most)])
  assert.deepEqual(cases, [
    [0, 1],
    [0.03, 0.05],
    [0.05, 0.05],
    [1, 1],
    [1.1, 2],
    [7, 10],
    [24, 25],
    [26, 50],
    [99, 100],
    [101, 200],
  ])
})

test('values have the unit of what was measured', () => {
  assert.equal(shown(0.053, 'percent'), '5.3 %')
  assert.equal(shown(0.25, 'seconds'), '250 ms')
  assert.equal(shown(0, 'seconds'), '0 s')
  assert.equal(shown(2, 'seconds'), '2 s')
  assert.equal(shown(1536 * 1024, 'bytes'), '1.5 MB')
  assert.equal(shown(0, 'bytes'), '0 B')
  assert.equal(shown(12, 'number'), '12')
})

const chart: Chart = {
  ...{ title: 'a < b & c', unit: 'number', from: 0, to: 100, threshold: 5 },
  lines: [
    {
      points: [
        [0, 0],
        [50, null],
        [100, 10],
      ],
    },
    { points: [[0, null]] },
  ],
}

test('a gap of a line stays a gap, a line of gaps is none, and words are escaped', () => {
  const svg = svgOf(chart)
  assert.match(svg, /d="M76 264M700 52"/)
  assert.equal(svg.match(/stroke-width="2.5"/g)!.length, 1)
  assert.match(svg, /a &lt; b &amp; c/)
  assert.match(svg, /stroke-dasharray/)
  assert.doesNotMatch(svgOf({ ...chart, threshold: null }), /stroke-dasharray/)
  assert.doesNotMatch(svgOf({ ...chart, lines: [], to: 0 }), /NaN|Infinity/)
})
