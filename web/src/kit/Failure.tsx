import type { Failure } from '../../../server/src/kernel/wire.ts'
import { failureFrom } from '../keeper/request.ts'
import { WithCommands } from './Command.tsx'
import { Warn } from './icons.tsx'

/** A failure with what, why and fix, as on the command line. */
export function FailureBox({ failure }: { failure: Failure }) {
  return (
    <div role="alert" className="rounded-lg border border-bad/40 bg-bad-tint p-4" data-failure={failure.code}>
      <p className="flex gap-2 font-semibold">
        <Warn className="mt-0.5 text-bad" />
        <span className="min-w-0">{failure.what}</span>
      </p>
      <dl className="mt-2 grid grid-cols-[auto_1fr] items-baseline gap-x-3 gap-y-1.5 pl-6">
        <dt className="text-soft">why</dt>
        <dd className="min-w-0 whitespace-pre-wrap">{failure.why}</dd>
        <dt className="text-soft">fix</dt>
        <dd className="min-w-0">
          <WithCommands text={failure.fix} />
        </dd>
      </dl>
      <p className="mt-2 pl-6 font-mono text-xs text-soft">{failure.code}</p>
    </div>
  )
}

export const ErrorBox = ({ error }: { error: unknown }) => <FailureBox failure={failureFrom(error)} />
