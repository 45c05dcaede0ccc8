import { Link, useOutletContext, useParams } from 'react-router'
import { call, type Query, useAction, useQuery } from '../api.ts'
import { ScoreChart } from '../charts/ScoreChart.tsx'
import { addDays, date, fromToday, isoDay } from '../format.ts'
import { Alert, Badge, Card, PageHead } from '../kit/parts.tsx'
import { SessionList } from '../kit/SessionList.tsx'
import type { Account, Invoice, Kind, Patient as Person, Questionnaires, Screening, Session } from '../types.ts'

export function Patient() {
  const { id } = useParams()
  const account = useOutletContext<Account>()
  const patient = useQuery<Person>(`/patients/${id}`)
  const sessions = useQuery<Session[]>(`/sessions?patientId=${id}&limit=200&from=${addDays(new Date(), -120).toISOString().slice(0, 10)}T00:00:00Z`)
  if (patient.error) return <Alert>{patient.error.message}</Alert>
  if (!patient.data) return null
  const p = patient.data
  return (
    <>
      <PageHead title={p.name} lead={`Born ${date(p.born)} · ${p.phone} · with ${p.therapist}`}>
        {account.role === 'therapist' && <Link className="btn-quiet" to={`/chat/${p.id}`}>Write</Link>}
        <Bill patientId={p.id} />
        <Link className="btn" to={`/booking?patient=${p.id}`}>Book a session</Link>
      </PageHead>
      {p.concern && <p className="mb-4 text-sm"><span className="text-faint">Came with:</span> {p.concern}</p>}
      {account.role === 'therapist' && <Scores patientId={p.id} />}
      <Card title="Sessions" className="mt-4"><SessionList sessions={sessions.data ?? []} account={account} changed={sessions.reload} /></Card>
    </>
  )
}

function Bill({ patientId }: { patientId: number }) {
  const { busy, error, run } = useAction()
  const bill = () => run(() => call<Invoice>('POST', '/invoices', { patientId }))
  return <button type="button" className="btn-quiet" disabled={busy} onClick={bill} title={error}>{error ?? 'Draft an invoice'}</button>
}

function Scores({ patientId }: { patientId: number }) {
  const forms = useQuery<Questionnaires>('/questionnaires')
  const screenings = useQuery<Screening[]>(`/patients/${patientId}/screenings`)
  if (!forms.data || !screenings.data) return null
  const kinds = Object.entries(forms.data.questionnaires) as [Kind, Questionnaires['questionnaires'][Kind]][]
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      {kinds.map(([kind, questionnaire]) => {
        const of = screenings.data!.filter((s) => s.kind === kind)
        return (
          <Card key={kind} title={questionnaire.title} side={<Latest screening={of.findLast((s) => s.takenAt)} />}>
            <ScoreChart questionnaire={questionnaire} screenings={of} />
            <Ask patientId={patientId} kind={kind} open={of.find((s) => !s.takenAt)} screenings={screenings} />
          </Card>
        )
      })}
    </div>
  )
}

function Latest({ screening }: { screening: Screening | undefined }) {
  if (!screening) return null
  return <Badge tone={screening.flagged ? 'red' : 'leaf'}>{screening.score} · {screening.band}{screening.flagged && ' · question 9'}</Badge>
}

function Ask({ patientId, kind, open, screenings }: { patientId: number; kind: Kind; open: Screening | undefined; screenings: Query<Screening[]> }) {
  const { busy, error, run } = useAction()
  const ask = () =>
    run(async () => {
      await call('POST', `/patients/${patientId}/screenings`, { kind, dueOn: isoDay(addDays(new Date(), 7)) })
      await screenings.reload()
    })
  return (
    <div className="mt-3 flex items-center justify-between gap-2">
      <span className="note">{open ? `Asked for, due ${fromToday(open.dueOn)}` : 'Nothing asked for at present'}</span>
      {open
        ? <Link className="btn-quiet" to={`/screenings/${open.id}`}>Fill in together</Link>
        : <button type="button" className="btn-quiet" disabled={busy} onClick={ask}>Ask for it again</button>}
      {error && <Alert>{error}</Alert>}
    </div>
  )
}
