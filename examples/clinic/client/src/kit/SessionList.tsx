import { call, useAction } from '../api.ts'
import { capital, day, time } from '../format.ts'
import type { Account, Session, SessionState } from '../types.ts'
import { Alert, Badge, Empty, type Tone } from './parts.tsx'

const tones: Record<SessionState, Tone> = { booked: 'leaf', held: 'grey', missed: 'clay', cancelled: 'grey' }

export function SessionList({ sessions, account, changed }: { sessions: Session[]; account: Account; changed(): Promise<void> }) {
  const { busy, error, run } = useAction()
  const become = (id: number, state: SessionState) =>
    run(async () => {
      await call('PATCH', `/sessions/${id}`, { state })
      await changed()
    })
  if (sessions.length === 0) return <Empty>No sessions yet.</Empty>
  return (
    <>
      {error && <Alert>{error}</Alert>}
      <ul className="divide-y divide-line text-sm">
        {sessions.toReversed().map((s) => (
          <li key={s.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
            <span className="w-28 font-medium">{day(s.startsAt)}</span>
            <span className="note w-24 flex-1 sm:flex-none">{time(s.startsAt)}–{time(s.endsAt)}</span>
            <span className="note order-last basis-full sm:order-none sm:flex-1">{capital(s.kind)}, with {s.therapist}</span>
            <Badge tone={tones[s.state]}>{s.state}</Badge>
            {s.state === 'booked' && stepsOf(s, account).map((state) => (
              <button key={state} type="button" className="btn-quiet px-2 py-1 text-xs" disabled={busy} onClick={() => become(s.id, state)}>
                {state === 'cancelled' ? 'Cancel' : capital(state)}
              </button>
            ))}
          </li>
        ))}
      </ul>
    </>
  )
}

function stepsOf(session: Session, account: Account): SessionState[] {
  const begun = Date.parse(session.startsAt) <= Date.now()
  if (!begun) return ['cancelled']
  return account.role === 'patient' ? [] : ['held', 'missed', 'cancelled']
}
