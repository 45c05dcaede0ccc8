import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GROUPS } from '../metrics/rules.ts'
import { askedBy, chartOf, type Series } from './chart.ts'

const urlOf = (expr: string) => `http://host:9090/graph?g0.expr=${encodeURIComponent(expr)}&g0.tab=1`

test('a rule is what it measures and a number, whatever it asks for besides', () => {
  const cases: Array<[string, string, number]> = [
    ['up == 0', 'up', 0],
    ['a / b > 0.05 and sum(c) > 2', 'a / b', 0.05],
    ['a / (b > 0) > 0.8', 'a / (b > 0)', 0.8],
    ['a{x="1 > 2"} < 1e+06', 'a{x="1 > 2"}', 1_000_000],
  ]
  for (const [expr, query, threshold] of cases)
    assert.deepEqual(askedBy(urlOf(expr)), { query, threshold }, expr)
  for (const url of [null, 'no address', 'http://host/graph', urlOf('absent(up)')])
    assert.equal(askedBy(url), null)
})

test('every default rule has a picture', () => {
  for (const { alert, expr } of GROUPS.flatMap(({ rules }) => rules)) {
    const asked = askedBy(urlOf(expr))
    assert.ok(asked !== null, alert)
    assert.equal(asked.query.split('(').length, asked.query.split(')').length, alert)
    assert.ok(expr.includes(`${asked.query} `), alert)
  }
})

const shown = { title: 'x', from: 0, to: 1 }
const points = [[0, 1]] as const

test('the picture has the series that the alert is about, and no more than can be told apart', () => {
  const asked = { query: 'x / y', threshold: 1 }
  const labels = { alertname: 'AppErrors', app: 'shop', severity: 'critical' }
  const series: Series[] = [
    { labels: { app: 'shop' }, points },
    { labels: { app: 'other' }, points },
    { labels: {}, points: [[0, null]] as const },
  ]
  assert.deepEqual(chartOf(asked, series, { ...shown, labels }), {
    ...{ title: 'x', from: 0, to: 1, threshold: 1, unit: 'percent' },
    lines: [{ points }],
  })
  assert.equal(chartOf(asked, [], { ...shown, labels }), null)
  const many = Array.from({ length: 9 }, () => ({ labels: {}, points }))
  assert.equal(chartOf(asked, many, { ...shown, labels })!.lines.length, 4)
})

test('the unit is read from what is measured', () => {
  const unit = (query: string) =>
    chartOf({ query, threshold: 1 }, [{ labels: {}, points }], { ...shown, labels: {} })!.unit
  assert.equal(unit('histogram_quantile(0.95, x)'), 'seconds')
  assert.equal(unit('process_resident_memory_bytes / limit'), 'percent')
  assert.equal(unit('1 - free_bytes'), 'percent')
  assert.equal(unit('sum(x_bytes{app="a"})'), 'bytes')
  assert.equal(unit('tasks_pending'), 'number')
})
