import { escapeXml } from '../../kernel/quote.ts'
import type { Chart } from './channel.ts'

const [WIDTH, HEIGHT] = [720, 300]
/** Room for the title above, times below and values at the left. */
const BOX = { left: 76, right: WIDTH - 20, top: 52, bottom: HEIGHT - 36 }
const COLOURS = ['#2563eb', '#d97706', '#059669', '#7c3aed']
const GRID = '#e2e8f0'
const WORDS = '#475569'
const LIMIT = '#dc2626'
const FONT = 'font-family="DejaVu Sans, sans-serif"'

/** A chart as SVG, for messages that can have a picture. */
export function svgOf(chart: Chart): string {
  const { lines, threshold, unit, title } = chart
  const values = lines.flatMap(({ points }) => points.flatMap(([, value]) => (value === null ? [] : [value])))
  const top = niceTop(Math.max(0, ...values, threshold ?? 0))
  const low = Math.min(0, ...values)
  const x = (at: number) => scaled(at, [chart.from, chart.to], [BOX.left, BOX.right])
  const y = (value: number) => scaled(value, [low, top], [BOX.bottom, BOX.top])
  const ticks = [low, low + (top - low) / 2, top]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    text(title, { x: 20, y: 30, size: 16, colour: '#0f172a' }),
    ...ticks.flatMap(value => [
      `<path d="M${BOX.left} ${y(value)}H${BOX.right}" stroke="${GRID}"/>`,
      text(shown(value, unit), { x: BOX.left - 8, y: y(value) + 4, size: 12, anchor: 'end' }),
    ]),
    text(clock(chart.from), { x: BOX.left, y: HEIGHT - 14, size: 12 }),
    text(`${clock(chart.to)} UTC`, { x: BOX.right, y: HEIGHT - 14, size: 12, anchor: 'end' }),
    ...(threshold === null
      ? []
      : [`<path d="M${BOX.left} ${y(threshold)}H${BOX.right}" stroke="${LIMIT}" stroke-dasharray="6 4"/>`]),
    ...lines.map(({ points }, n) => {
      const d = pathOf(points, x, y)
      return d === ''
        ? ''
        : `<path d="${d}" fill="none" stroke="${COLOURS[n % COLOURS.length]}" stroke-width="2.5" stroke-linejoin="round" stroke-linecap="round"/>`
    }),
    '</svg>',
  ].join('')
}

type Scale = (value: number) => number

/** A gap stays a gap. */
function pathOf(points: Chart['lines'][number]['points'], x: Scale, y: Scale): string {
  let pen = 'M'
  return points
    .map(([at, value]) => {
      if (value === null) {
        pen = 'M'
        return ''
      }
      const step = `${pen}${x(at)} ${y(value)}`
      pen = 'L'
      return step
    })
    .join('')
}

const scaled = (value: number, [a, b]: [number, number], [c, d]: [number, number]): number =>
  Math.round((c + ((value - a) / (b - a || 1)) * (d - c)) * 10) / 10

/** The next number above that is 1, 2, 2.5 or 5 times a power of ten. */
export function niceTop(most: number): number {
  if (most <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  const step = [1, 2, 2.5, 5, 10].find(one => one * power >= most)!
  return step * power
}

const SIZES = ['B', 'KB', 'MB', 'GB', 'TB']

export function shown(value: number, unit: Chart['unit']): string {
  if (unit === 'percent') return `${short(value * 100)} %`
  if (unit === 'seconds') return value < 1 && value !== 0 ? `${short(value * 1000)} ms` : `${short(value)} s`
  if (unit !== 'bytes') return short(value)
  const power =
    value === 0 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log(Math.abs(value)) / Math.log(1024)))
  return `${short(value / 1024 ** power)} ${SIZES[power]}`
}

const short = (value: number): string => String(Number(value.toPrecision(3)))

const clock = (at: number): string => new Date(at).toISOString().slice(11, 16)

interface Place {
  x: number
  y: number
  size: number
  anchor?: 'end'
  colour?: string
}

const text = (words: string, { x, y, size, anchor, colour = WORDS }: Place): string =>
  `<text x="${x}" y="${y}" font-size="${size}" fill="${colour}" ${FONT}${anchor === undefined ? '' : ` text-anchor="${anchor}"`}>${escaped(words)}</text>`

/** A label of an app may hold anything; what cannot be shown leaves its room. */
const escaped = (words: string): string =>
  escapeXml(words.replaceAll(/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g, ' '))
