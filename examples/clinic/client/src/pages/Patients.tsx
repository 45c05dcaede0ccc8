import { useDeferredValue, useState } from 'react'
import { Link, useNavigate, useOutletContext } from 'react-router'
import { call, useAction, useQuery } from '../api.ts'
import { day } from '../format.ts'
import { Alert, Avatar, Badge, Card, Empty, Labelled, PageHead } from '../kit/parts.tsx'
import type { Account, Patient, PatientSummary, Therapist } from '../types.ts'

export function Patients() {
  const account = useOutletContext<Account>()
  const [search, setSearch] = useState('')
  const [adding, setAdding] = useState(false)
  const { data, error } = useQuery<PatientSummary[]>(`/patients?limit=200&search=${encodeURIComponent(useDeferredValue(search))}`)
  return (
    <>
      <PageHead title="Patients" lead={data && `${data.length} in treatment`}>
        <input className="field w-44" type="search" aria-label="Search" placeholder="Search a name" value={search} onChange={(e) => setSearch(e.target.value)} />
        <button type="button" className="btn" onClick={() => setAdding(!adding)}>New patient</button>
      </PageHead>
      {adding && <NewPatient account={account} />}
      {error && <Alert>{error.message}</Alert>}
      <Card>
        {data?.length === 0 && <Empty>Nobody of this name.</Empty>}
        <ul className="divide-y divide-line">{data?.map((p) => <Row key={p.id} patient={p} account={account} />)}</ul>
      </Card>
    </>
  )
}

function Row({ patient: p, account }: { patient: PatientSummary; account: Account }) {
  return (
    <li>
      <Link to={`/patients/${p.id}`} className="-mx-2 flex items-center gap-3 rounded-xl px-2 py-2.5 hover:bg-leaf-50">
        <Avatar name={p.name} />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium">{p.name}</span>
          <span className="note block truncate">{account.role === 'admin' ? p.therapist : p.concern}</span>
        </span>
        {account.role === 'therapist' && (
          <span className="hidden gap-1.5 sm:flex">
            {p.flagged && <Badge tone="red">question 9</Badge>}
            {p.lastPhq9 !== null && <Badge tone="leaf">PHQ-9 {p.lastPhq9}</Badge>}
            {p.lastGad7 !== null && <Badge tone="sky">GAD-7 {p.lastGad7}</Badge>}
          </span>
        )}
        <span className="note w-24 text-right">{p.nextSession ? day(p.nextSession) : '—'}</span>
      </Link>
    </li>
  )
}

function NewPatient({ account }: { account: Account }) {
  const navigate = useNavigate()
  const { busy, error, run } = useAction()
  const therapists = useQuery<Therapist[]>(account.role === 'admin' ? '/therapists' : undefined)
  const add = (form: FormData) =>
    run(async () => {
      const { therapistId, ...person } = Object.fromEntries(form)
      const patient = await call<Patient>('POST', '/patients', { ...person, ...(therapistId ? { therapistId: Number(therapistId) } : {}) })
      navigate(`/patients/${patient.id}`)
    })
  return (
    <Card title="New patient" className="mb-4">
      <form action={add} className="grid items-end gap-3 sm:grid-cols-3">
        <Labelled label="Name"><input className="field" name="name" required /></Labelled>
        <Labelled label="E-mail"><input className="field" name="email" type="email" required /></Labelled>
        <Labelled label="First password"><input className="field" name="password" minLength={8} required /></Labelled>
        <Labelled label="Born"><input className="field" name="born" type="date" required /></Labelled>
        <Labelled label="Phone"><input className="field" name="phone" type="tel" required /></Labelled>
        <Labelled label="Concern"><input className="field" name="concern" /></Labelled>
        {therapists.data && (
          <Labelled label="Therapist">
            <select className="field" name="therapistId">{therapists.data.map((t) => <option key={t.id} value={t.id}>{t.name}</option>)}</select>
          </Labelled>
        )}
        <button className="btn" disabled={busy}>Add</button>
      </form>
      {error && <div className="mt-3"><Alert>{error}</Alert></div>}
    </Card>
  )
}
