import { Link, useOutletContext } from 'react-router'
import { useQuery } from '../api.ts'
import { useUnread } from '../chat/line.tsx'
import { addDays, date, day, fromToday, time } from '../format.ts'
import { Card, Empty, PageHead } from '../kit/parts.tsx'
import { SessionList } from '../kit/SessionList.tsx'
import type { Account, Screening, Session } from '../types.ts'

/** What a patient sees first: the next session, and what is asked of them. */
export function Home() {
  const account = useOutletContext<Account>()
  const unread = useUnread()
  const from = `${addDays(new Date(), -60).toISOString().slice(0, 10)}T00:00:00Z`
  const sessions = useQuery<Session[]>(`/sessions?from=${from}`)
  const open = useQuery<Screening[]>('/screenings/open')
  const next = sessions.data?.find((s) => s.state === 'booked' && Date.parse(s.endsAt) > Date.now())
  return (
    <>
      <PageHead title={`Hello, ${account.name.split(' ')[0]}`} lead={date(new Date())} />
      <div className="mb-4 grid gap-4 md:grid-cols-3">
        <section className="rounded-2xl bg-leaf-700 p-5 text-white">
          <p className="text-sm text-leaf-300">Your next session</p>
          {next
            ? <><p className="mt-1 font-serif text-2xl">{day(next.startsAt)}, {time(next.startsAt)}</p><p className="text-sm text-leaf-100">with {next.therapist}{next.kind === 'video' && ', by video'}</p></>
            : <Link to="/booking" className="mt-2 inline-block underline">Choose a time</Link>}
        </section>
        <Card title="Questionnaires">
          {open.data?.length === 0 && <Empty>Nothing to fill in.</Empty>}
          <ul className="grid gap-2 text-sm">
            {open.data?.map((s) => (
              <li key={s.id} className="flex items-center justify-between gap-2">
                <span>{s.kind === 'phq9' ? 'How is your mood?' : 'How are your worries?'} <span className="note">due {fromToday(s.dueOn)}</span></span>
                <Link className="btn-quiet" to={`/screenings/${s.id}`}>Fill in</Link>
              </li>
            ))}
          </ul>
        </Card>
        <Card title="Messages">
          <p className="mb-3 text-sm">{unread === 0 ? 'Everything is read.' : `${unread} unread`}</p>
          <Link className="btn" to="/chat">Write to your therapist</Link>
        </Card>
      </div>
      <Card title="Your sessions"><SessionList sessions={sessions.data ?? []} account={account} changed={sessions.reload} /></Card>
    </>
  )
}
