import { useNavigate } from '@tanstack/react-router'
import type { RunbookView } from '../../../server/src/watch/runbooks/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { Empty } from '../kit/Empty.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { Ago } from '../kit/time.tsx'
import { count } from '../kit/words.ts'
import { useMay } from '../people/me.ts'
import { useBegin } from './queries.ts'

interface Props {
  runbooks: readonly RunbookView[]
  of: { app: string | null; incident?: number }
}

/** Runbooks, each with what begins a walk. */
export function RunbookList({ runbooks, of }: Props) {
  const mayAct = useMay('operator', of.app)
  const begin = useBegin()
  const go = useNavigate()
  const walk = (name: string, dry: boolean) =>
    begin.mutate(
      { name, ...of, dry },
      { onSuccess: ({ id }) => void go({ to: '/walks/$id', params: { id: String(id) } }) },
    )
  if (runbooks.length === 0) return <Empty>There is none.</Empty>
  return (
    <>
      {begin.error != null && (
        <div className="p-4">
          <ErrorBox error={begin.error} />
        </div>
      )}
      <ul aria-label="runbooks" className="divide-y divide-line">
        {runbooks.map(one => (
          <li
            key={one.name}
            data-runbook={one.name}
            className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3"
          >
            <div className="min-w-0 flex-1 basis-64">
              <p className="flex flex-wrap items-center gap-2 font-medium break-words">
                {one.title}
                {one.fits && <Badge tone="warn">fits what is wrong</Badge>}
                {one.safe && <Badge>may run by itself</Badge>}
              </p>
              <p className="text-sm text-soft">
                {one.app === null ? 'comes with Innkeeper' : `of ${one.app}`}, {count(one.steps, 'step')},{' '}
                {one.tried === null ? (
                  'never tried'
                ) : (
                  <>
                    tried by {one.tried.by} <Ago at={one.tried.at} />
                  </>
                )}
              </p>
              {one.problems.map(problem => (
                <p key={problem} className="text-sm break-words text-bad">
                  {problem}
                </p>
              ))}
            </div>
            {mayAct && one.problems.length === 0 && (of.app !== null || !one.ofApp) && (
              <div className="flex gap-2">
                <Button small disabled={begin.isPending} onClick={() => walk(one.name, true)}>
                  Only look
                </Button>
                <Button small look="main" disabled={begin.isPending} onClick={() => walk(one.name, false)}>
                  Walk through
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
