import { Link } from 'react-router'
import { addDays, isoDay, time } from '../format.ts'
import { Empty } from '../kit/parts.tsx'
import type { Session, SessionState } from '../types.ts'

const FIRST_HOUR = 8
const LAST_HOUR = 18
const HOUR_REM = 3.25
const WEEKDAYS = 5

const looks: Record<SessionState, string> = {
  booked: 'border-leaf-600 bg-leaf-100 text-leaf-800',
  held: 'border-stone-300 bg-stone-100 text-stone-600',
  missed: 'border-clay-500 bg-clay-100 text-clay-700',
  cancelled: 'border-stone-200 bg-white text-stone-400 line-through',
}

export function WeekCalendar({ monday, sessions }: { monday: Date; sessions: Session[] }) {
  const days = Array.from({ length: WEEKDAYS }, (_, i) => addDays(monday, i))
  const of = (at: Date) => sessions.filter((s) => isoDay(new Date(s.startsAt)) === isoDay(at))
  return (
    <>
      <div className="hidden md:grid md:grid-cols-[2.5rem_repeat(5,1fr)]">
        <Hours />
        {days.map((at) => <Column key={isoDay(at)} at={at} sessions={of(at)} />)}
      </div>
      <div className="grid gap-4 md:hidden">
        {days.map((at) => <DayList key={isoDay(at)} at={at} sessions={of(at)} />)}
        {sessions.length === 0 && <Empty>No sessions this week.</Empty>}
      </div>
    </>
  )
}

function Hours() {
  const hours = Array.from({ length: LAST_HOUR - FIRST_HOUR }, (_, i) => FIRST_HOUR + i)
  return (
    <div className="pt-12 text-right text-xs text-faint">
      {hours.map((hour) => <div key={hour} className="-mt-2 pr-2" style={{ height: `${HOUR_REM}rem`, marginBottom: '0.5rem' }}>{hour}:00</div>)}
    </div>
  )
}

function Column({ at, sessions }: { at: Date; sessions: Session[] }) {
  const height = (LAST_HOUR - FIRST_HOUR) * HOUR_REM
  return (
    <div className="min-w-0">
      <DayName at={at} />
      <div
        className="relative border-l border-line"
        style={{ height: `${height}rem`, background: `repeating-linear-gradient(#e3dfd3 0 1px, transparent 1px ${HOUR_REM}rem)` }}
      >
        {sessions.map((session) => <Block key={session.id} session={session} />)}
      </div>
    </div>
  )
}

function DayName({ at }: { at: Date }) {
  const today = isoDay(at) === isoDay(new Date())
  return (
    <div className="flex h-12 flex-col items-center text-xs text-faint">
      {at.toLocaleDateString('en-GB', { weekday: 'short' })}
      <span className={`grid size-6 place-items-center rounded-full text-sm ${today ? 'bg-leaf-700 font-semibold text-white' : 'text-ink'}`}>{at.getDate()}</span>
    </div>
  )
}

const hoursOf = (moment: string) => new Date(moment).getHours() + new Date(moment).getMinutes() / 60

function Block({ session }: { session: Session }) {
  const from = Math.max(hoursOf(session.startsAt), FIRST_HOUR)
  const length = (new Date(session.endsAt).getTime() - new Date(session.startsAt).getTime()) / 3_600_000
  return (
    <Link
      to={`/patients/${session.patientId}`}
      title={`${session.patient}, ${time(session.startsAt)}, ${session.state}`}
      className={`absolute inset-x-1 overflow-hidden rounded-lg border-l-4 px-2 py-1 text-xs leading-tight ${looks[session.state]}`}
      style={{ top: `${(from - FIRST_HOUR) * HOUR_REM}rem`, height: `${length * HOUR_REM}rem` }}
    >
      <span className="block truncate font-semibold">{session.patient}</span>
      <span className="block truncate">{time(session.startsAt)} {session.kind === 'video' ? 'video' : ''}</span>
    </Link>
  )
}

function DayList({ at, sessions }: { at: Date; sessions: Session[] }) {
  if (sessions.length === 0) return null
  return (
    <div>
      <h3 className="mb-1.5 text-xs font-semibold text-faint">{at.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })}</h3>
      <div className="grid gap-1.5">
        {sessions.map((s) => (
          <Link key={s.id} to={`/patients/${s.patientId}`} className={`flex justify-between rounded-lg border-l-4 px-3 py-2 text-sm ${looks[s.state]}`}>
            <span className="font-medium">{s.patient}</span>
            <span>{time(s.startsAt)}</span>
          </Link>
        ))}
      </div>
    </div>
  )
}
