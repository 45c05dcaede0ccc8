import { type ReactNode, useState } from 'react'
import { Link, useOutletContext } from 'react-router'
import { useQuery } from '../api.ts'
import { WeekCalendar } from '../calendar/WeekCalendar.tsx'
import { useLine, useUnread } from '../chat/line.tsx'
import { addDays, date, fromToday, money, mondayOf } from '../format.ts'
import { Alert, Badge, Card, Empty, PageHead } from '../kit/parts.tsx'
import type { Account, Overview as Desk, Screening, Therapist } from '../types.ts'

export function Overview() {
  const account = useOutletContext<Account>()
  const [monday, setMonday] = useState(mondayOf(new Date()))
  const [chosen, choose] = useState<number>()
  const therapists = useQuery<Therapist[]>(account.role === 'admin' ? '/therapists' : undefined)
  const therapistId = account.role === 'admin' ? (chosen ?? therapists.data?.[0]?.id) : account.id
  const span = `from=${monday.toISOString()}&to=${addDays(monday, 7).toISOString()}`
  const desk = useQuery<Desk>(therapistId === undefined ? undefined : `/overview?${span}&therapistId=${therapistId}`)
  return (
    <>
      <PageHead title={greeting(account)} lead={date(new Date())}>
        {therapists.data && (
          <select className="field w-auto" aria-label="Therapist" value={therapistId} onChange={(e) => choose(Number(e.target.value))}>
            {therapists.data.map((t) => <option key={t.id} value={t.id}>{t.name}</option>)}
          </select>
        )}
      </PageHead>
      {desk.error && <Alert>{desk.error.message}</Alert>}
      {desk.data && <Figures desk={desk.data} account={account} />}
      <div className={account.role === 'therapist' ? 'grid items-start gap-4 lg:grid-cols-[1fr_18rem]' : ''}>
        <Card title={`Week of ${monday.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })}`} side={<Weeks monday={monday} go={setMonday} />}>
          <WeekCalendar monday={monday} sessions={desk.data?.sessions ?? []} />
        </Card>
        {account.role === 'therapist' && <Aside desk={desk.data} />}
      </div>
    </>
  )
}

function greeting({ name, role }: Account): string {
  const hour = new Date().getHours()
  const part = hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening'
  return role === 'admin' ? 'The clinic' : `Good ${part}, ${name.split(' ')[0]}`
}

function Weeks({ monday, go }: { monday: Date; go(to: Date): void }) {
  return (
    <div className="flex gap-1.5">
      <button type="button" className="btn-quiet" aria-label="Week before" onClick={() => go(addDays(monday, -7))}>‹</button>
      <button type="button" className="btn-quiet" onClick={() => go(mondayOf(new Date()))}>Today</button>
      <button type="button" className="btn-quiet" aria-label="Week after" onClick={() => go(addDays(monday, 7))}>›</button>
    </div>
  )
}

function Figures({ desk, account }: { desk: Desk; account: Account }) {
  const unread = useUnread()
  const booked = desk.sessions.filter((s) => s.state === 'booked').length
  const shown = [
    { name: 'Sessions to come this week', value: booked, to: '/booking' },
    ...(account.role === 'therapist' ? [
      { name: 'Unread messages', value: unread, to: '/chat' },
      { name: 'Screenings due', value: desk.screeningsDue.length, to: '/patients' },
    ] : [{ name: 'Sessions to bill', value: desk.toBill, to: '/patients' }]),
    { name: `${desk.openInvoices} invoices open`, value: money(desk.openCents), to: '/invoices' },
  ]
  return (
    <div className="mb-4 grid grid-cols-2 gap-3 lg:grid-cols-4">
      {shown.map(({ name, value, to }) => (
        <Link key={name} to={to} className="card p-4 transition hover:border-leaf-300">
          <p className="font-serif text-2xl">{value}</p>
          <p className="note text-xs">{name}</p>
        </Link>
      ))}
    </div>
  )
}

function Aside({ desk }: { desk: Desk | undefined }) {
  const { conversations } = useLine()
  const waiting = conversations.filter((c) => c.unread > 0)
  return (
    <div className="grid grid-cols-1 gap-4">
      {desk && desk.flagged.length > 0 && (
        <Card title="To be looked at" className="border-red-200 bg-red-50/60">
          <p className="note mb-2">Answered question 9 of the PHQ-9, about thoughts of death or self-harm.</p>
          <ul className="grid gap-1.5 text-sm">{desk.flagged.map((s) => <Line key={s.id} screening={s} side={<Badge tone="red">{s.score} · {s.band}</Badge>} />)}</ul>
        </Card>
      )}
      <Card title="Unread">
        {waiting.length === 0 && <Empty>Everything is read.</Empty>}
        <ul className="grid grid-cols-1 gap-2 text-sm">
          {waiting.slice(0, 5).map((c) => (
            <li key={c.patientId}>
              <Link to={`/chat/${c.patientId}`} className="block"><span className="font-medium">{c.patient}</span><span className="note block truncate">{c.lastBody}</span></Link>
            </li>
          ))}
        </ul>
      </Card>
      <Card title="Screenings due">
        {desk?.screeningsDue.length === 0 && <Empty>None.</Empty>}
        <ul className="grid grid-cols-1 gap-2 text-sm">
          {desk?.screeningsDue.slice(0, 6).map((s) => <Line key={s.id} screening={s} side={<span className="note whitespace-nowrap">{fromToday(s.dueOn)}</span>} />)}
        </ul>
      </Card>
    </div>
  )
}

function Line({ screening: s, side }: { screening: Screening; side: ReactNode }) {
  return (
    <li className="flex items-center justify-between gap-2">
      <Link to={`/patients/${s.patientId}`} className="min-w-0 truncate font-medium hover:underline">
        {s.patient} <span className="note font-normal">{s.kind === 'phq9' ? 'PHQ-9' : 'GAD-7'}</span>
      </Link>
      {side}
    </li>
  )
}
