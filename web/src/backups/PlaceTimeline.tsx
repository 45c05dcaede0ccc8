import { useState } from 'react'
import type { BackupPlace, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { Cursor, placeOf } from '../kit/Cursor.tsx'
import { useNow } from '../kit/time.tsx'
import { capital, dateTime } from '../kit/words.ts'
import { type Mark, marksOf } from '../points/marks.ts'
import { KEEPER, pointsOf } from '../points/owner.ts'
import { Glyph, Legend } from './Glyph.tsx'
import { percent, type RangeName, rangesFor, type Span, spanOf, tick } from './span.ts'

const LANES = { window: 12, points: 38, backups: 66 }
const HEIGHT = 82

interface Props {
  place: BackupPlace
  points: readonly RestorePoint[]
}

/** What can be restored from a place, as a time line: any moment in the band, and the marks. */
export function PlaceTimeline({ place, points }: Props) {
  const now = useNow()
  const [range, setRange] = useState<RangeName>('all')
  const [chosen, choose] = useState<string | null>(null)
  const all = marksOf(place, points)
  const from = Math.min(
    ...all.map(mark => mark.at),
    place.window === null ? now : Date.parse(place.window.from),
  )
  const span = spanOf(from, now, range)
  const marks = all.filter(mark => mark.at >= span.from)
  const found = marks.findIndex(mark => mark.key === chosen)
  const at = found === -1 ? marks.length - 1 : found
  const mark = marks[at]
  const point = (at: { x: number; y: number }) => choose(nearest(marks, span, at)?.key ?? null)
  return (
    <figure className="grid min-w-0 gap-2.5">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <figcaption>{windowSays(place, points)}</figcaption>
        <Ranges names={rangesFor(from, now)} range={range} onChange={setRange} />
      </div>
      <Cursor
        label={`restore points and backups at ${place.name}, oldest first`}
        count={marks.length}
        at={at}
        says={mark?.says ?? 'none'}
        onChange={i => choose(marks[i]?.key ?? null)}
      />
      <Picture place={place} marks={marks} span={span} mark={mark} onPoint={point} />
      {mark !== undefined && (
        <p className="min-h-10 text-xs sm:min-h-5" data-mark={mark.look}>
          {capital(mark.says)}
        </p>
      )}
      <Legend looks={new Set(marks.map(one => one.look))} />
    </figure>
  )
}

function windowSays({ app, window, backups }: BackupPlace, points: readonly RestorePoint[]) {
  if (app === KEEPER)
    return (
      <>
        The state of the keeper, for <span className="font-mono text-xs">inn recover</span>
      </>
    )
  const parts = pointsOf(app, points).flatMap(point => point.parts)
  if (backups.length === 0 && parts.length > 0 && !parts.some(part => part.of === 'cluster'))
    return 'What each restore point holds'
  if (window === null) return <span className="font-medium text-warn">No moment can be restored yet</span>
  return (
    <>
      <span className="font-semibold">Any moment</span> from {dateTime(window.from)} to {dateTime(window.to)}
      {window.lost.map(({ from, to }) => (
        <span key={from} className="text-warn">
          , but none from {dateTime(from)} to {dateTime(to)}: what was committed then is lost
        </span>
      ))}
    </>
  )
}

interface RangesProps {
  names: readonly RangeName[]
  range: RangeName
  onChange: (range: RangeName) => void
}

function Ranges({ names, range, onChange }: RangesProps) {
  return (
    <div className="flex gap-1">
      {names.map(name => (
        <button
          key={name}
          type="button"
          aria-pressed={name === range}
          onClick={() => onChange(name)}
          className="rounded-md px-2 py-0.5 text-xs text-soft hover:text-ink aria-pressed:bg-sunk aria-pressed:text-ink"
        >
          {name}
        </button>
      ))}
    </div>
  )
}

interface PictureProps {
  place: BackupPlace
  marks: readonly Mark[]
  span: Span
  mark: Mark | undefined
  onPoint: (place: { x: number; y: number }) => void
}

function Picture({ place, marks, span, mark, onPoint }: PictureProps) {
  const ends = place.window && [Date.parse(place.window.from), Date.parse(place.window.to)]
  const [from, to] = (ends ?? [span.to, span.to]).map(at => percent(at, span)) as [number, number]
  return (
    <div className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 rounded-md peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-busy">
      <div aria-hidden="true" className="relative w-12 text-xs leading-none text-faint">
        {Object.entries(LANES).map(([name, y]) => (
          <span key={name} className="absolute -translate-y-1/2" style={{ top: y }}>
            {name}
          </span>
        ))}
      </div>
      <div className="px-2">
        <svg
          role="img"
          aria-label={`time line of ${place.name}`}
          width="100%"
          height={HEIGHT}
          className="block touch-pan-y overflow-visible"
          onPointerMove={event => onPoint(placeOf(event))}
          onPointerDown={event => onPoint(placeOf(event))}
        >
          <rect width="100%" height={HEIGHT} className="fill-transparent" />
          {[0, 25, 50, 75, 100].map(x => (
            <line key={x} x1={`${x}%`} x2={`${x}%`} y2={HEIGHT} className="stroke-line" />
          ))}
          <rect
            x={`${from}%`}
            width={`${100 - from}%`}
            y={LANES.window - 6}
            height="12"
            rx="2"
            className="fill-soft/20"
          />
          <rect
            x={`${from}%`}
            width={`${to - from}%`}
            y={LANES.window - 6}
            height="12"
            rx="2"
            className="fill-soft/70"
          />
          {(place.window?.lost ?? []).map(lost => (
            <rect
              key={lost.from}
              x={`${percent(Date.parse(lost.from), span)}%`}
              width={`${percent(Date.parse(lost.to), span) - percent(Date.parse(lost.from), span)}%`}
              y={LANES.window - 6}
              height="12"
              className="fill-warn"
            />
          ))}
          {mark && (
            <line
              x1={`${percent(mark.at, span)}%`}
              x2={`${percent(mark.at, span)}%`}
              y2={HEIGHT}
              className="stroke-busy"
            />
          )}
          {marks.map(one => (
            <svg key={one.key} x={`${percent(one.at, span)}%`} y={LANES[one.lane]} overflow="visible">
              <title>{one.says}</title>
              <Glyph look={one.look} />
            </svg>
          ))}
        </svg>
        <Ticks span={span} />
      </div>
    </div>
  )
}

function Ticks({ span }: { span: Span }) {
  const at = (share: number) => tick(span.from + (span.to - span.from) * share, span)
  return (
    <p aria-hidden="true" className="mt-1 grid grid-cols-3 border-t border-edge pt-1 text-xs text-faint">
      <span>{at(0)}</span>
      <span className="text-center">{at(0.5)}</span>
      <span className="text-right">now</span>
    </p>
  )
}

/** The nearest mark, in the lane that the pointer is in, if that lane has any. */
function nearest(marks: readonly Mark[], span: Span, { x, y }: { x: number; y: number }): Mark | undefined {
  const lane = y * HEIGHT < (LANES.points + LANES.backups) / 2 ? 'points' : 'backups'
  const own = marks.filter(mark => mark.lane === lane)
  const far = (mark: Mark) => Math.abs(percent(mark.at, span) - x * 100)
  return (own.length > 0 ? own : marks).toSorted((a, b) => far(a) - far(b))[0]
}
