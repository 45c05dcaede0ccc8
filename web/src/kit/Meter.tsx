import { size } from './words.ts'

/** Shows how much of something is used. It changes colour when little is left. */
export function Meter({ label, total, free }: { label: string; total: number; free: number }) {
  const used = total - free
  const share = total === 0 ? 0 : used / total
  const tone = share > 0.95 ? 'bg-bad' : share > 0.85 ? 'bg-warn' : 'bg-soft'
  return (
    <div className="min-w-0">
      <div className="flex items-baseline justify-between gap-2 text-xs">
        <span className="shrink-0 text-soft">{label}</span>
        <span className="text-right">
          {size(free)} <span className="text-faint">free of {size(total)}</span>
        </span>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: the element `meter` cannot be styled alike everywhere */}
      <div
        role="meter"
        aria-label={`${label} used`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
        className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunk ring-1 ring-line ring-inset"
      >
        <div className={`h-full rounded-full ${tone}`} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  )
}
