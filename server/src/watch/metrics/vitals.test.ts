import assert from 'node:assert/strict'
import { test } from 'node:test'
import { felt } from './cli-vitals.ts'
import { ratingOf, vitalsOf, vitalsQueries } from './vitals.ts'

const point = (value: number | null, labels: Record<string, string> = {}) => ({
  labels,
  points: [[0, value]] as const,
})
const page = (name: string) => ({ service: 'web', page: name })

test("figures are rated by Google's thresholds, at which they are still better", () => {
  const rated = (
    [
      ['lcp', 2.5],
      ['lcp', 2.51],
      ['lcp', 4.1],
      ['inp', 0.2],
      ['inp', 0.6],
      ['cls', 0.1],
      ['cls', 0.2],
      ['fcp', 3],
      ['ttfb', 1.9],
      ['load', 1],
      ['lcp', null],
    ] as const
  ).map(([name, value]) => ratingOf(name, value))
  const said = ['good', 'fair', 'poor', 'good', 'poor', 'good', 'fair', 'fair', 'poor', null, null]
  assert.deepEqual(rated, said)
})

test('what visitors felt is put together by page, the most viewed first, and of ten pages', () => {
  const many = Array.from({ length: 15 }, (_, n) => point(n + 0.4, page(`/p${n}`)))
  const found = vitalsOf('shop', 60_000, {
    views: [...many, point(40.2, page('/products/:id'))],
    lcp: [point(2.1)],
    'lcp by page': [point(4.5, page('/products/:id')), point(1, page('/p14'))],
    'left out': [point(3, { why: 'policy' })],
  })
  assert.deepEqual([found.views, found.pages.length, found.pages[0]!.page], [145, 10, '/products/:id'])
  assert.deepEqual(found.pages[0]!.vitals[0], { name: 'lcp', p75: 4.5, rating: 'poor' })
  assert.deepEqual(found.vitals[0], { name: 'lcp', p75: 2.1, rating: 'good' })
  assert.deepEqual(found.vitals[1], { name: 'inp', p75: null, rating: null })
  const text = felt(found).join('\n')
  assert.match(text, /2\.1 s good/)
  assert.match(text, /\/products\/:id\s+web\s+40\s+4\.5 s/)
  assert.match(text, /left out of 3 pages: their Content-Security-Policy/)
})

test('where no page is measured nothing is said of it', () => {
  assert.deepEqual(felt(vitalsOf('shop', 60_000, {})), [])
  for (const query of Object.values(vitalsQueries('shop', 900_000)))
    assert.match(query, /job="edge",app="shop"\}\[900s\]/)
})
