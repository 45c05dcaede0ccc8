import { useState } from 'react'
import { useOutletContext, useSearchParams } from 'react-router'
import { call, useAction, useQuery } from '../api.ts'
import { addDays, day, isoDay, time } from '../format.ts'
import { Alert, Card, Empty, Labelled, PageHead } from '../kit/parts.tsx'
import type { Account, PatientSummary, Session } from '../types.ts'

const DAYS_SHOWN = 5

export function Booking() {
  const account = useOutletContext<Account>()
  const [params, setParams] = useSearchParams()
  const patients = useQuery<PatientSummary[]>(account.role === 'patient' ? undefined : '/patients?limit=500')
  const patientId = account.role === 'patient' ? account.id : Number(params.get('patient')) || patients.data?.[0]?.id
  const [from, setFrom] = useState(isoDay(new Date()))
  const [kind, setKind] = useState<Session['kind']>('individual')
  const days = workingDays(new Date(`${from}T00:00`))
  return (
    <>
      <PageHead title="Book a session" lead="Fifty minutes, on the full hour" />
      <Card className="mb-4">
        <div className="grid gap-3 sm:grid-cols-3">
          {patients.data && (
            <Labelled label="Patient">
              <select className="field" value={patientId} onChange={(e) => setParams({ patient: e.target.value })}>
                {patients.data.map((p) => <option key={p.id} value={p.id}>{p.name}</option>)}
              </select>
            </Labelled>
          )}
          <Labelled label="From"><input className="field" type="date" value={from} min={isoDay(new Date())} onChange={(e) => e.target.value && setFrom(e.target.value)} /></Labelled>
          <Labelled label="Kind">
            <select className="field" value={kind} onChange={(e) => setKind(e.target.value as Session['kind'])}>
              <option value="individual">In the clinic</option>
              <option value="video">By video</option>
              <option value="intake">First talk</option>
            </select>
          </Labelled>
        </div>
      </Card>
      {patientId !== undefined && (
        <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-5">
          {days.map((at) => <Slots key={`${patientId} ${isoDay(at)}`} at={at} patientId={patientId} kind={kind} />)}
        </div>
      )}
    </>
  )
}

function workingDays(from: Date): Date[] {
  const twoWeeks = Array.from({ length: 14 }, (_, i) => addDays(from, i))
  return twoWeeks.filter((at) => at.getDay() % 6 !== 0).slice(0, DAYS_SHOWN)
}

function Slots({ at, patientId, kind }: { at: Date; patientId: number; kind: Session['kind'] }) {
  const free = useQuery<{ therapist: string; slots: string[] }>(`/sessions/free?patientId=${patientId}&day=${isoDay(at)}`)
  const [booked, setBooked] = useState<Session>()
  const { busy, error, run } = useAction()
  const book = (startsAt: string) =>
    run(async () => {
      // Whoever was too late sees at once what is left.
      try {
        setBooked(await call<Session>('POST', '/sessions', { patientId, startsAt, kind }))
      } finally {
        await free.reload()
      }
    })
  return (
    <Card title={day(at)}>
      {booked && <p role="status" className="mb-2 rounded-xl bg-leaf-100 px-3 py-2 text-sm text-leaf-800">Booked: {time(booked.startsAt)} with {booked.therapist}</p>}
      {error && <div className="mb-2"><Alert>{error}</Alert></div>}
      {free.error && <Alert>{free.error.message}</Alert>}
      {free.data?.slots.length === 0 && <Empty>Nothing free.</Empty>}
      <div className="grid grid-cols-2 gap-1.5">
        {free.data?.slots.map((slot) => <button key={slot} type="button" className="btn-quiet" disabled={busy} onClick={() => book(slot)}>{time(slot)}</button>)}
      </div>
    </Card>
  )
}
