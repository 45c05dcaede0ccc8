import type { Look } from '../points/marks.ts'

const SHAPES: Record<Look, { d: string; className: string }> = {
  good: { d: 'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z', className: 'fill-ink stroke-card' },
  failed: { d: 'M-4-4L4 4M4-4L-4 4', className: 'fill-none stroke-bad [stroke-width:2.4]' },
  marked: { d: 'M0-5L5 0L0 5L-5 0z', className: 'fill-card stroke-soft' },
  taking: { d: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z', className: 'fill-busy-tint stroke-busy pulse' },
  full: { d: 'M-4-8H4V8H-4z', className: 'fill-ink stroke-card' },
  part: { d: 'M-3-4H3V8H-3z', className: 'fill-soft stroke-card' },
  damaged: { d: 'M-4-8H4V8H-4z', className: 'fill-bad stroke-card' },
}

/** The mark, centred on 0 0. */
export function Glyph({ look }: { look: Look }) {
  const { d, className } = SHAPES[look]
  return <path d={d} className={className} strokeWidth="1.4" strokeLinecap="round" />
}

const LEGEND: ReadonlyArray<[Look, string]> = [
  ['good', 'restore point'],
  ['marked', 'marked before a deploy'],
  ['taking', 'being taken'],
  ['failed', 'failed'],
  ['full', 'full backup'],
  ['part', 'differential'],
  ['damaged', 'damaged backup'],
]

/** The legend, only for marks that are shown. */
export function Legend({ looks }: { looks: ReadonlySet<Look> }) {
  return (
    <ul aria-hidden="true" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
      <li className="flex items-center gap-1.5">
        <span className="h-2 w-4 rounded-sm bg-soft/70" />
        any moment can be restored
      </li>
      <li className="flex items-center gap-1.5">
        <span className="h-2 w-4 rounded-sm bg-soft/20" />
        archived when a restore asks for it
      </li>
      {LEGEND.filter(([look]) => looks.has(look)).map(([look, name]) => (
        <li key={look} className="flex items-center gap-1.5">
          <svg aria-hidden="true" viewBox="-9 -9 18 18" className="size-4">
            <Glyph look={look} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  )
}
