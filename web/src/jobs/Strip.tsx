import type { JobRunView } from '../../../server/src/apps/jobs/wire.ts'
import { count } from '../kit/words.ts'
import { about, tally } from './words.ts'

const FILLS: Record<JobRunView['state'], string> = {
  ...{ done: 'fill-ink/55', failed: 'fill-bad', stopped: 'fill-edge' },
  ...{ skipped: 'fill-warn', missed: 'fill-warn' },
  ...{ running: 'fill-busy', due: 'fill-busy', retrying: 'fill-busy', waiting: 'fill-edge' },
}
const SLOTS = 30
const STEP = 6

/** The last runs of a job, the newest to the right: the longer one took, the taller it is; what never ran is a stub. */
export function Strip({ runs }: { runs: readonly JobRunView[] }) {
  const shown = runs.slice(0, SLOTS).toReversed()
  const longest = Math.max(1, ...shown.map(run => run.ms ?? 0))
  const height = ({ ms, state }: JobRunView) =>
    ms === null && state !== 'running' ? 5 : 8 + ((ms ?? longest) / longest) * 16
  return (
    <svg
      role="img"
      aria-label={`the last ${count(shown.length, 'run')}: ${tally(shown)}`}
      viewBox={`0 0 ${SLOTS * STEP} 24`}
      className="h-6 w-full max-w-45"
    >
      {shown.map((run, n) => (
        <rect
          key={run.id}
          data-state={run.state}
          x={(SLOTS - shown.length + n) * STEP}
          y={24 - height(run)}
          width={STEP - 1.5}
          height={height(run)}
          rx="1"
          className={FILLS[run.state]}
        >
          <title>{`${run.state} ${about(run)}`}</title>
        </rect>
      ))}
      <path d={`M0 23.5H${SLOTS * STEP}`} className="stroke-line" strokeWidth="1" />
    </svg>
  )
}
