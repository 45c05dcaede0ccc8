import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type uPlot from 'uplot'
import type { Mark, Series } from './chart.ts'

const COLOURS: Record<string, string> = {
  'var(--color-faint)': 'rgb(1, 2, 3)',
  'var(--color-soft)': 'rgb(4, 5, 6)',
  'var(--color-bad)': 'rgb(7, 8, 9)',
  'var(--color-line)': 'color(srgb 0.1 0.2 0.3)',
  'var(--color-edge)': '',
}

/** What a chart asks of the browser: colours of an element, and how many dots a pixel has. */
const BROWSER = {
  matchMedia: () => ({ matches: false, addEventListener: () => {}, removeEventListener: () => {} }),
  document: { createElement: () => ({ style: { color: '' }, remove: () => void kept.pop() }) },
  getComputedStyle: (one: { style: { color: string } }) => ({ color: COLOURS[one.style.color] ?? '' }),
  devicePixelRatio: 2,
}
const kept: unknown[] = []
const element = { append: (one: unknown) => void kept.push(one) } as unknown as HTMLElement
let optionsOf: typeof import('./chart.ts').optionsOf
let ceiling: typeof import('./chart.ts').ceiling

before(async () => {
  Object.assign(globalThis, BROWSER)
  ;({ ceiling, optionsOf } = await import('./chart.ts'))
})
after(() => {
  for (const name of Object.keys(BROWSER)) Reflect.deleteProperty(globalThis, name)
})

const series = (name: string, look: Series['look'], colour: Series['colour']): Series => ({
  name,
  unit: 'ms',
  colour,
  look,
  values: [],
  show: String,
})

const chart = (marks: readonly Mark[] = [], cursor: Array<number | null> = [], values: number[][] = []) =>
  optionsOf({
    values: () => values,
    element,
    series: [series('p50', 'line', 'soft'), series('p95', 'area', 'faint'), series('errors', 'bars', 'bad')],
    height: 120,
    group: 'shop',
    marks: () => marks,
    onCursor: index => cursor.push(index),
  })

test('each look is drawn in the colour of the page at this moment, and no probe is left in it', () => {
  const [time, line, area, bars] = chart().series
  assert.deepEqual(time, {})
  assert.deepEqual(
    [line!.label, line!.stroke, line!.fill, line!.width],
    ['p50', 'rgb(4 5 6 / 1)', undefined, 1.5],
  )
  assert.deepEqual([area!.stroke, area!.fill], ['rgb(1 2 3 / 1)', 'rgb(1 2 3 / 0.12)'])
  assert.deepEqual([bars!.fill, bars!.stroke, bars!.width], ['rgb(7 8 9 / 1)', undefined, 0])
  assert.equal(typeof bars!.paths, 'function')
  assert.ok([line, area, bars].every(one => one!.points!.show === false))
  assert.deepEqual(kept, [])
})

test('the scale begins at nought, leaves room above, and is never flat', () => {
  const range = (values: number[][]) =>
    (chart([], [], values).scales!['y'] as { range: () => [number, number] }).range()
  assert.deepEqual(range([[5, 100], [7]]), [0, 100 * 1.15])
  assert.deepEqual(range([[0], [0]]), [0, 0.1])
  assert.deepEqual(range([]), [0, 0.1])
})

test('one moment far above all others does not press the chart flat; its value is told', () => {
  const calm = Array.from({ length: 59 }, (_, n) => 20 + (n % 5))
  assert.deepEqual(ceiling([[...calm, 9_000, null]]), { top: 24 * 2 * 1.15, cut: 9_000 })
  assert.equal(ceiling([[...calm, 140]]).cut, null, 'within six times the usual')
  assert.equal(ceiling([[1, 2, 900]]).cut, null, 'too few to know what is usual')
  assert.equal(ceiling([[...calm.map(() => 0), 50]]).cut, null, 'nothing at all is no measure')
  const busy = Array.from({ length: 60 }, (_, n) => (n < 50 ? 20 : 9_000))
  assert.equal(ceiling([busy]).cut, null, 'what lasts is no outlier')
})

test('time is written as hours and minutes; charts of one group move together', () => {
  const options = chart()
  const [x] = options.axes as [{ values: (plot: unknown, at: number[]) => string[] }]
  const at = new Date(2026, 10, 20, 9, 5).getTime() / 1000
  assert.deepEqual(x.values(null, [at, at + 3600]), ['09:05', '10:05'])
  assert.deepEqual([options.height, options.cursor!.sync!.key], [120, 'shop'])
})

test('where the cursor stands is told, and that it left', () => {
  const cursor: Array<number | null> = []
  const [move] = chart([], cursor).hooks!.setCursor!
  move!({ cursor: { idx: 3 } } as uPlot)
  move!({ cursor: { idx: undefined } } as unknown as uPlot)
  assert.deepEqual(cursor, [3, null])
})

/** A canvas of 400 dots from 100 on, on which a second is a dot and a letter has ten. */
function drawn(marks: readonly Mark[]) {
  const lines: Array<[number, number, number]> = []
  const labels: Array<[string, number]> = []
  let from: [number, number] = [0, 0]
  let saved = 0
  const ctx = {
    save: () => saved++,
    restore: () => saved--,
    setLineDash: (dash: number[]) => assert.deepEqual(dash, [6, 6]),
    beginPath() {},
    moveTo: (x: number, y: number) => (from = [x, y]),
    lineTo: (x: number, y: number) => lines.push([x, from[1], y]),
    stroke() {},
    measureText: (text: string) => ({ width: text.length * 10 }),
    fillText: (text: string, x: number) => labels.push([text, x]),
  }
  const plot = {
    ctx,
    bbox: { left: 100, top: 10, width: 400, height: 50 },
    valToPos: (at: number, scale: string, dots: boolean) => (scale === 'x' && dots ? at : Number.NaN),
  }
  const [draw] = chart(marks).hooks!.draw!
  draw!(plot as unknown as uPlot)
  assert.equal(saved, 0)
  return { lines, labels }
}
const mark = (at: number, label: string): Mark => ({ at: at * 1000, label })

test('a mark is a line over the whole height, with its label to the right of it', () => {
  assert.deepEqual(drawn([mark(200, 'r2')]), { lines: [[200, 10, 60]], labels: [['r2', 208]] })
})

test('a label that would leave the chart stands to the left of its line', () => {
  assert.deepEqual(drawn([mark(468, 'r2')]).labels, [['r2', 476]])
  assert.deepEqual(drawn([mark(469, 'r2')]).labels, [['r2', 441]])
})

test('marks outside of the chart are not drawn; those on its edges are', () => {
  const { lines } = drawn([mark(99, 'a'), mark(100, 'b'), mark(500, 'c'), mark(501, 'd')])
  assert.deepEqual(
    lines.map(([x]) => x),
    [100, 500],
  )
})

test('labels are written where they have room beside those before; every line is drawn, in order of time', () => {
  const { lines, labels } = drawn([mark(300, 'r4'), mark(200, 'r2'), mark(220, 'r3')])
  assert.deepEqual(
    lines.map(([x]) => x),
    [200, 220, 300],
  )
  assert.deepEqual(
    labels.map(([text]) => text),
    ['r2', 'r4'],
  )
  // r2 ends at 228, and 16 dots are left free after it.
  assert.equal(drawn([mark(200, 'r2'), mark(235, 'r3')]).labels.length, 1)
  assert.equal(drawn([mark(200, 'r2'), mark(236, 'r3')]).labels.length, 2)
})
