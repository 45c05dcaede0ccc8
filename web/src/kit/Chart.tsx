import { useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { ceiling, type Mark, optionsOf, type Series } from './chart.ts'
import { useShade } from './theme.ts'
import { axisTime, clockMinutes } from './words.ts'

interface Props {
  title: string
  label: string
  /** Milliseconds since 1970. */
  xs: readonly number[]
  series: readonly Series[]
  marks: readonly Mark[]
  height: number
  /** Charts of one group share the cursor. */
  group: string
}

const SWATCH = { soft: 'bg-soft', bad: 'bg-bad', busy: 'bg-busy', faint: 'bg-faint' }

const DAY_MS = 86_400_000

/** The time, with its day where the chart goes over several. */
const whenOf = (at: number, xs: readonly number[]): string =>
  (xs.at(-1) ?? at) - (xs[0] ?? at) > DAY_MS
    ? `${axisTime(at, DAY_MS)} ${clockMinutes(at)}`
    : clockMinutes(at)

export function Chart({ title, label, xs, series, marks, height, group }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const shade = useShade()
  const [at, setAt] = useState<number | null>(null)
  const data = [xs.map(x => x / 1000), ...series.map(one => one.values)] as uPlot.AlignedData
  const values = series.map(one => one.values)
  const latest = useRef({ data, marks, values })
  latest.current = { data, marks, values }
  const { cut } = ceiling(values)
  const shape = JSON.stringify([series.map(({ values: _, ...rest }) => rest), shade, height, group])

  useEffect(() => {
    const element = box.current!
    const options = optionsOf({
      element,
      series,
      height,
      group,
      values: () => latest.current.values,
      marks: () => latest.current.marks,
      onCursor: setAt,
    })
    const made = new uPlot({ ...options, width: element.clientWidth }, latest.current.data, element)
    plot.current = made
    const resize = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    resize.observe(element)
    return () => {
      resize.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [shape])

  useEffect(() => {
    plot.current?.setData(latest.current.data)
  })

  const shown = at !== null && at < xs.length ? at : xs.length - 1
  return (
    <figure className="min-w-0">
      <figcaption className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5 px-4 pt-3 text-xs">
        <span className="font-medium">{title}</span>
        {series.map(one => (
          <span key={one.name} className="inline-flex items-center gap-1.5 text-soft">
            <span className={`h-1.5 w-3 rounded-full ${SWATCH[one.colour]}`} />
            {one.name}
            <span className="text-ink">
              {one.values[shown] == null ? '–' : `${one.show(one.values[shown])} ${one.unit}`}
            </span>
          </span>
        ))}
        {cut !== null && (
          <span className="text-warn">
            peak {series[0]!.show(cut)} {series[0]!.unit}
          </span>
        )}
        <span className="ml-auto text-faint">{xs[shown] === undefined ? '' : whenOf(xs[shown], xs)}</span>
      </figcaption>
      <div ref={box} role="img" aria-label={label} style={{ height }} className="px-1" />
    </figure>
  )
}
