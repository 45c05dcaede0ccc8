import { useState } from 'react'
import { Cursor, placeOf } from './Cursor.tsx'

export interface Column {
  key: string
  /** null: there is no number; a flat foot is shown. */
  value: number | null
  tone: 'ink' | 'soft' | 'faint' | 'warn' | 'bad'
  /** What `value` is the sum of, from the foot up; default: one part. */
  parts?: ReadonlyArray<{ value: number; tone: Column['tone'] }>
  /** The column in words, with time and unit. */
  says: string
}

interface Props {
  title: string
  /** Oldest first. */
  columns: readonly Column[]
  show: (value: number) => string
  /** Labels under the first and the last column. */
  ends: readonly [string, string]
}

const HEIGHT = 72
const MOST = 60
/** What is not nothing is seen. */
const LEAST = 2
const FILL = {
  ink: 'fill-ink/75',
  soft: 'fill-soft/60',
  faint: 'fill-faint/30',
  warn: 'fill-warn',
  bad: 'fill-bad',
}

/** Where the bars of a column stand. */
function barsOf(
  { value, tone, parts }: Column,
  top: number,
): Array<{ y: number; height: number; tone: Column['tone'] }> {
  if (value === null) return [{ y: HEIGHT - 4, height: 4, tone }]
  let foot = HEIGHT
  return (parts ?? [{ value, tone }]).flatMap(part => {
    if (part.value === 0 && parts !== undefined) return []
    const height = Math.max(LEAST, (part.value / top) * (HEIGHT - 6))
    foot -= height
    return [{ y: foot, height, tone: part.tone }]
  })
}

/** A column chart. The chosen column, or the last one, is also shown in words. */
export function Columns({ title, columns, show, ends }: Props) {
  const [chosen, choose] = useState<string | null>(null)
  const shown = columns.slice(-MOST)
  const slot = 100 / shown.length
  const top = Math.max(...shown.map(one => one.value ?? 0), 1e-9)
  const found = shown.findIndex(one => one.key === chosen)
  const at = found === -1 ? shown.length - 1 : found
  const near = (x: number) => Math.min(shown.length - 1, Math.max(0, Math.floor((x * 100) / slot)))
  const one = shown[at]
  if (one === undefined) return null
  return (
    <figure className="min-w-0 rounded-md has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-offset-4 has-[:focus-visible]:outline-busy">
      <figcaption className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span className="text-xs text-soft">{title}</span>
        <span className="text-lg leading-tight font-semibold">
          {one.value === null ? '–' : show(one.value)}
        </span>
      </figcaption>
      <Cursor
        label={title}
        count={shown.length}
        at={at}
        says={one.says}
        onChange={i => choose(shown[i]!.key)}
      />
      <svg
        aria-hidden="true"
        width="100%"
        height={HEIGHT}
        className="mt-1 block border-b border-edge"
        onPointerMove={event => choose(shown[near(placeOf(event).x)]!.key)}
        onPointerDown={event => choose(shown[near(placeOf(event).x)]!.key)}
        onPointerLeave={() => choose(null)}
      >
        {shown.map((column, i) => (
          <g key={column.key}>
            <title>{column.says}</title>
            {i === at && <rect x={`${i * slot}%`} width={`${slot}%`} height={HEIGHT} className="fill-sunk" />}
            {barsOf(column, top).map(({ y, height, tone }) => (
              <rect
                key={y}
                x={`${(i + 0.5) * slot}%`}
                style={{ width: `min(1.75rem, ${slot * 0.76}%)` }}
                y={y}
                height={height}
                rx={column.parts === undefined ? '1.5' : '0'}
                className={`-translate-x-1/2 [transform-box:fill-box] ${FILL[tone]}`}
              />
            ))}
          </g>
        ))}
      </svg>
      <p className="mt-1 flex justify-between gap-3 text-xs text-faint">
        <span>{ends[0]}</span>
        <span className="min-w-0 truncate text-right">{chosen === null ? ends[1] : one.says}</span>
      </p>
    </figure>
  )
}
