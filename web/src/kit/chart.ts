import uPlot from 'uplot'
import { axisTime } from './words.ts'

export interface Series {
  name: string
  unit: string
  colour: 'soft' | 'bad' | 'busy' | 'faint'
  look: 'line' | 'area' | 'bars'
  values: ReadonlyArray<number | null>
  show: (value: number) => string
}

export interface Mark {
  at: number
  label: string
  /** Default: a change. */
  kind?: 'change' | 'backup' | 'alert'
}

/**
 * The top of the scale for these values. One moment that is far above all others would press everything else flat, so
 * the scale then ends above the highest of the others, and `cut` is that moment's value; null: all of it is shown.
 */
export function ceiling(series: ReadonlyArray<ReadonlyArray<number | null>>): {
  top: number
  cut: number | null
} {
  const values = series
    .flat()
    .filter(value => value !== null)
    .sort((a, b) => a - b)
  const most = values.at(-1) ?? 0
  const usual = values[Math.floor((values.length - 1) * USUAL)] ?? 0
  const cut = values.length >= FEWEST && usual > 0 && most > OUTLIER * usual
  return { top: Math.max((cut ? usual * 2 : most) * 1.15, 0.1), cut: cut ? most : null }
}

/** Which part of the values is the usual, how many times that an outlier is, and how many values it takes to tell. */
const USUAL = 0.95
const OUTLIER = 6
const FEWEST = 20

interface Wanted {
  element: HTMLElement
  series: readonly Series[]
  height: number
  group: string
  /** The values of each series as they are now. */
  values: () => ReadonlyArray<ReadonlyArray<number | null>>
  marks: () => readonly Mark[]
  onCursor: (index: number | null) => void
}

/** Reads the current value of a colour from an element, because a canvas does not know CSS custom properties. */
function painter(element: HTMLElement) {
  return (name: string, alpha = 1): string => {
    const probe = document.createElement('i')
    probe.style.color = `var(--color-${name})`
    element.append(probe)
    const [r, g, b] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? ['0', '0', '0']).map(Number)
    probe.remove()
    return `rgb(${r} ${g} ${b} / ${alpha})`
  }
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'

type Paint = ReturnType<typeof painter>

/** How each kind of series is drawn. Bars are for errors: nothing is drawn for zero. */
const LOOKS: Record<Series['look'], (paint: Paint, colour: string) => Partial<uPlot.Series>> = {
  line: (paint, colour) => ({ stroke: paint(colour), width: 1.5 }),
  area: (paint, colour) => ({ stroke: paint(colour), width: 1.5, fill: paint(colour, 0.12) }),
  bars: (paint, colour) => ({
    fill: paint(colour),
    width: 0,
    paths: uPlot.paths.bars!({ size: [1, 12, 3] }),
  }),
}

export function optionsOf(wanted: Wanted): Omit<uPlot.Options, 'width'> {
  const paint = painter(wanted.element)
  const axis = { stroke: paint('faint'), font: FONT, ticks: { show: false } }
  const grid = { stroke: paint('line'), width: 1 }
  return {
    height: wanted.height,
    padding: [10, 20, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: wanted.group },
      points: { size: 6 },
      drag: { setScale: false, x: false, y: false },
    },
    scales: { y: { range: () => [0, ceiling(wanted.values()).top] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        size: 26,
        values: (_, at) => at.map(s => axisTime(s * 1000, ((at[1] ?? s) - (at[0] ?? s)) * 1000)),
      },
      { ...axis, grid, space: 28, size: 46 },
    ],
    series: [
      {},
      ...wanted.series.map(one => ({
        label: one.name,
        points: { show: false },
        ...LOOKS[one.look](paint, one.colour),
      })),
    ],
    hooks: {
      draw: [
        plot =>
          drawMarks(plot, wanted.marks(), {
            change: paint('soft'),
            backup: paint('faint'),
            alert: paint('bad'),
          }),
      ],
      setCursor: [plot => wanted.onCursor(plot.cursor.idx ?? null)],
    },
  }
}

/** Draws a dashed line for each mark, with its label where there is room. */
function drawMarks(plot: uPlot, marks: readonly Mark[], colours: Record<NonNullable<Mark['kind']>, string>) {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  let free = bbox.left
  ctx.save()
  ctx.font = FONT.replace('11px', `${11 * ratio}px`)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  ctx.lineWidth = ratio
  ctx.setLineDash([3 * ratio, 3 * ratio])
  for (const mark of [...marks].sort((a, b) => a.at - b.at)) {
    const x = plot.valToPos(mark.at / 1000, 'x', true)
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.strokeStyle = colours[mark.kind ?? 'change']
    ctx.fillStyle = ctx.strokeStyle
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    const width = ctx.measureText(mark.label).width
    const left = x + width + 6 * ratio > bbox.left + bbox.width ? x - width - 4 * ratio : x + 4 * ratio
    if (left < free) continue
    ctx.fillText(mark.label, left, bbox.top + 9 * ratio)
    free = left + width + 8 * ratio
  }
  ctx.restore()
}
