import { Link } from '@tanstack/react-router'
import { Turning } from '../kit/icons.tsx'
import { underWay } from '../kit/steps.ts'
import { useRun } from './queries.ts'

/** A run under way, in two lines. */
export function RunProgress({ id }: { id: string }) {
  const { data: run } = useRun(id)
  if (run === undefined) return null
  const done = run.steps.filter(step => step.state === 'done').length
  const now = run.steps.find(underWay)
  return (
    <div className="relative rounded-md bg-busy-tint px-3 py-2">
      <p className="flex items-center gap-2">
        <Turning className="turn text-busy" />
        <Link to="/runs/$run" params={{ run: id }} className="min-w-0 truncate font-medium">
          {run.title}
        </Link>
        <span className="ml-auto text-xs whitespace-nowrap text-soft">
          {done} of {run.steps.length}
        </span>
      </p>
      <div className="mt-1.5 h-1 rounded-full bg-busy/20">
        <div
          className="h-1 rounded-full bg-busy"
          style={{ width: `${(done / Math.max(1, run.steps.length)) * 100}%` }}
        />
      </div>
      {now && <p className="mt-1.5 truncate text-xs text-soft">{now.title}</p>}
    </div>
  )
}
