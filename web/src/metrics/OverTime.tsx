import type { Chart as Found } from '../../../server/src/watch/metrics/wire.ts'
import { Chart } from '../kit/Chart.tsx'
import type { Series } from '../kit/chart.ts'
import { RANGES, said } from './lines.ts'

interface RangeProps {
  rangeMs: number
  onChange: (rangeMs: number) => void
}

/** How far back the charts of a card go. */
export function Range({ rangeMs, onChange }: RangeProps) {
  return (
    <select
      aria-label="time shown"
      className="field w-auto py-0.5 text-xs"
      value={rangeMs}
      onChange={event => onChange(Number(event.target.value))}
    >
      {RANGES.map(([ms, says]) => (
        <option key={ms} value={ms}>
          {says}
        </option>
      ))}
    </select>
  )
}

interface Props {
  title: string
  group: string
  of: Found
  series: readonly Series[]
}

export function OverTime({ title, group, of: { times, marks }, series }: Props) {
  const words = series.map(one => `${one.name} ${said(one)}`).join('; ')
  return (
    <Chart
      title={title}
      label={`${title}: ${words}`}
      group={group}
      height={150}
      xs={times}
      series={series}
      marks={marks}
    />
  )
}
