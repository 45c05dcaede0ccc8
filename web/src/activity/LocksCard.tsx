import { useQuery } from '@tanstack/react-query'
import { Activity, SessionEnded, type SessionView } from '../../../server/src/watch/activity/wire.ts'
import { useChanging } from '../keeper/changing.ts'
import { ask, KeeperError } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { duration } from '../kit/words.ts'
import { useMay } from '../people/me.ts'

const path = (app: string) => `/api/apps/${encodeURIComponent(app)}/sessions`

/** A database that is not ours will not be in ten seconds either. */
const isElsewhere = (error: Error | null): boolean =>
  error instanceof KeeperError && error.failure.code === 'database.elsewhere'

/** Who waits for whose locks in the database of an app. Nothing where nobody waits, or where it is not ours. */
export function LocksCard({ app }: { app: string }) {
  const mayAct = useMay('operator', app)
  const { data } = useQuery({
    queryKey: ['locks', app],
    queryFn: () => ask(Activity, path(app)),
    refetchInterval: ({ state: { error } }) => (isElsewhere(error) ? false : 10_000),
    enabled: mayAct,
    retry: false,
  })
  const { locks = [], sessions = [] } = data ?? {}
  if (locks.length === 0) return null
  return (
    <Card title="Who waits for whom in the database">
      <ul aria-label="locks" className="divide-y divide-line">
        {locks.map(({ pid, depth }) => (
          <Held key={pid} app={app} depth={depth} session={sessions.find(one => one.pid === pid)!} />
        ))}
      </ul>
    </Card>
  )
}

interface Props {
  app: string
  session: SessionView
  /** Of those that wait, for how many, one after the other. */
  depth: number
}

/** A session that holds others up, or waits. */
function Held({ app, session, depth }: Props) {
  const end = useChanging(['locks'], () =>
    ask(SessionEnded, `${path(app)}/${session.pid}/end`, { body: { began: session.began } }),
  )
  const says =
    depth === 0
      ? `is ${session.state}, its transaction is open for ${duration(session.transactionMs ?? 0)}`
      : `waits for ${duration(session.sinceMs)}`
  return (
    <li
      className="grid gap-2 px-4 py-3 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-start"
      style={{ paddingLeft: `${1 + Math.min(depth, 4)}rem` }}
    >
      <div className="min-w-0">
        <p className={depth === 0 ? 'font-medium' : 'text-soft'}>
          session {session.pid} {says}
        </p>
        <p className="line-clamp-3 font-mono text-xs break-words">
          {session.text.replace(/\s+/g, ' ')}{' '}
          <span className="text-soft">· {session.program || session.user}</span>
        </p>
        {end.error != null && <ErrorBox error={end.error} />}
      </div>
      <Button small busy={end.isPending} onClick={() => end.mutate()}>
        End session {session.pid}
      </Button>
    </li>
  )
}
