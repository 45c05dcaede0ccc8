import type { Chart } from '../../../server/src/watch/metrics/wire.ts'
import type { Series } from '../kit/chart.ts'
import { number, size } from '../kit/words.ts'

/** How far back a chart goes, and what that is called. */
export const RANGES = [
  [900_000, '15 minutes'],
  [3_600_000, '1 hour'],
  [21_600_000, '6 hours'],
  [86_400_000, '24 hours'],
  [604_800_000, '7 days'],
  [2_592_000_000, '30 days'],
  [7_776_000_000, '90 days'],
] as const

type Values = Array<number | null>

/** All lines of a chart together; where none has a value, there is none. */
export function total(
  chart: Chart,
  wanted: (labels: Record<string, string>) => boolean = () => true,
): Values {
  const own = chart.lines.filter(({ labels }) => wanted(labels))
  return chart.times.map((_, n) => {
    const values = own.map(({ values }) => values[n] ?? null).filter(value => value !== null)
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)
  })
}

const COLOURS = ['busy', 'soft', 'faint', 'bad'] as const

/** A line of shares for each series, as percent; `label` says what it is called. No more than there are colours. */
export const shares = (chart: Chart, label: (labels: Record<string, string>) => string): Series[] =>
  chart.lines.slice(0, COLOURS.length).map(({ labels, values }, n) => ({
    ...PERCENT,
    name: label(labels),
    colour: COLOURS[n]!,
    values: values.map(value => (value === null ? null : value * 100)),
  }))

export const PERCENT = { unit: '%', look: 'line', show: number } as const

/** A line for each series as it is. */
export const amounts = (
  chart: Chart,
  label: (labels: Record<string, string>) => string,
  unit = '',
): Series[] =>
  chart.lines.slice(0, COLOURS.length).map(({ labels, values }, n) => ({
    unit,
    look: 'line',
    show: short,
    name: label(labels),
    colour: COLOURS[n]!,
    values,
  }))

const MS = {
  unit: 'ms',
  look: 'line',
  show: (value: number) => number(Math.round(value)),
} as const
const PER_SECOND = { unit: '/s', show: number } as const

export const requestsOf = (chart: Chart): Series[] => [
  { ...PER_SECOND, name: 'requests', colour: 'soft', look: 'area', values: total(chart) },
  {
    ...PER_SECOND,
    name: 'errors',
    colour: 'bad',
    look: 'bars',
    values: total(chart, labels => labels['code'] === '5xx'),
  },
]

export const timesOf = (charts: { p50: Chart; p95: Chart; p99: Chart }): Series[] =>
  (
    [
      ['p99', 'soft'],
      ['p95', 'busy'],
      ['p50', 'faint'],
    ] as const
  ).map(([name, colour]) => ({
    ...MS,
    name,
    colour,
    values: total(charts[name]).map(value => (value === null ? null : value * 1000)),
  }))

export const cpuOf = (chart: Chart): Series[] => [
  {
    ...PERCENT,
    name: 'of one processor',
    colour: 'busy',
    look: 'area',
    values: total(chart).map(value => (value === null ? null : value * 100)),
  },
]

const MB = 1024 ** 2

export const memoryOf = (chart: Chart): Series[] => inMb(chart, 'memory, MB')

/** Bytes, of all lines together. */
export const inMb = (chart: Chart, name: string): Series[] => [
  {
    unit: '',
    name,
    colour: 'busy',
    look: 'area',
    show: value => size(value * MB),
    values: total(chart).map(value => (value === null ? null : value / MB)),
  },
]

/** A chart in words: what it says now, and the most of it. */
export function said(series: Series): string {
  const values = series.values.filter(value => value !== null)
  if (values.length === 0) return 'nothing'
  return `now ${series.show(values.at(-1)!)} ${series.unit}, at most ${series.show(Math.max(...values))} ${series.unit}`
}

/** A number of any kind in four digits. */
export const short = (value: number | null): string =>
  value === null ? '–' : Number(value.toPrecision(4)).toLocaleString('en', { maximumSignificantDigits: 4 })

/** A series by its labels. */
export const labelled = (labels: Record<string, string>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || 'value'

/** The newest value, the least and the most. */
export function extent(values: ReadonlyArray<number | null>): {
  now: number | null
  least: number | null
  most: number | null
} {
  const known = values.filter(value => value !== null)
  if (known.length === 0) return { now: null, least: null, most: null }
  return { now: known.at(-1)!, least: Math.min(...known), most: Math.max(...known) }
}

const DAY_MS = 86_400_000

/** Whether a day comes within a month, or within a week. */
export function soon(at: string, now: number): 'bad' | 'warn' | null {
  const left = Date.parse(at) - now
  return left < 7 * DAY_MS ? 'bad' : left < 30 * DAY_MS ? 'warn' : null
}

export const date = (at: string): string =>
  new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
