import type { RunStep } from '../../../server/src/engine/wire.ts'
import { Step } from './Step.tsx'
import { stepKey } from './steps.ts'

interface Props {
  steps: readonly RunStep[]
  /** When the run began; null for a plan. */
  startedAt: string | null
  /** Step (by `stepKey`) → its output. */
  output?: ReadonlyMap<string, readonly string[]>
}

/** The steps of a plan or a run: before, while and after they are done. */
export function Timeline({ steps, startedAt, output }: Props) {
  const first = steps.filter(step => step.phase === 'steps')
  const after = steps.filter(step => step.phase === 'cleanup')
  const longest = Math.max(1, ...steps.map(step => step.ms ?? 0))
  const spent = steps.reduce((sum, step) => sum + (step.ms ?? 0), 0)
  const since = startedAt === null ? null : Date.parse(startedAt) + spent
  const row = (step: RunStep, i: number, all: readonly RunStep[]) => (
    <Step
      key={stepKey(step)}
      step={step}
      since={since}
      longest={longest}
      last={i === all.length - 1}
      output={output?.get(stepKey(step)) ?? []}
    />
  )
  return (
    <div>
      <ol className="grid">{first.map(row)}</ol>
      {after.length > 0 && (
        <>
          <p className="my-2 flex items-center gap-3 text-xs text-faint">
            <span className="h-px w-3 bg-edge" />
            point of no return: what follows is reported, never taken back
            <span className="h-px flex-1 bg-edge" />
          </p>
          <ol className="grid">{after.map(row)}</ol>
        </>
      )}
    </div>
  )
}
