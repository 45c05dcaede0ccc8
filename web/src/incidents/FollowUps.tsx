import { Link } from '@tanstack/react-router'
import type { FollowUp } from '../../../server/src/watch/incidents/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { useNow } from '../kit/time.tsx'
import { useDone } from './queries.ts'

interface Props {
  followUps: readonly FollowUp[]
  /** Whether each leads to its incident. */
  linked?: boolean
  mayAct?: boolean
}

/** What is to be done after incidents, and until when. */
export function FollowUps({ followUps, linked = false, mayAct = false }: Props) {
  const done = useDone()
  const now = useNow()
  return (
    <>
      <ul aria-label="to be done" className="divide-y divide-line">
        {followUps.map(one => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5">
            <span className={`min-w-0 break-words ${one.done === null ? '' : 'text-soft line-through'}`}>
              {one.what}
            </span>
            {one.done === null && Date.parse(one.dueAt) < now && <Badge tone="warn">late</Badge>}
            <span className="text-xs text-soft">
              {one.done === null ? `until ${one.dueAt.slice(0, 10)}` : `done by ${one.done.by}`}
            </span>
            {linked && (
              <Link to="/incidents/$id" params={{ id: String(one.incident) }} className="link text-xs">
                incident {one.incident}
              </Link>
            )}
            {mayAct && one.done === null && (
              <span className="ml-auto">
                <Button small busy={done.isPending} onClick={() => done.mutate(one.id)}>
                  Done
                </Button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {done.error != null && <ErrorBox error={done.error} />}
    </>
  )
}
