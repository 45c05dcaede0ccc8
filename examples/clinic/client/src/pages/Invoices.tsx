import { useState } from 'react'
import { Link, useOutletContext } from 'react-router'
import { call, useAction, useQuery } from '../api.ts'
import { capital, date, money } from '../format.ts'
import { Alert, Badge, Card, Empty, PageHead, type Tone } from '../kit/parts.tsx'
import type { Account, Invoice, InvoiceState } from '../types.ts'

const tones: Record<InvoiceState, Tone> = { draft: 'grey', sent: 'amber', paid: 'leaf', void: 'clay' }

interface Step { name: string; method: 'POST' | 'DELETE'; path: string }
const steps: Record<InvoiceState, Step[]> = {
  draft: [{ name: 'Send', method: 'POST', path: '/send' }, { name: 'Discard', method: 'DELETE', path: '' }],
  sent: [{ name: 'Paid', method: 'POST', path: '/pay' }, { name: 'Void', method: 'POST', path: '/void' }],
  paid: [{ name: 'Void', method: 'POST', path: '/void' }],
  void: [],
}

export function Invoices() {
  const account = useOutletContext<Account>()
  const staff = account.role !== 'patient'
  const [state, setState] = useState<InvoiceState>()
  const { data, error, reload } = useQuery<Invoice[]>(`/invoices?limit=200${state ? `&state=${state}` : ''}`)
  const action = useAction()
  const take = (invoice: Invoice, { method, path }: Step) =>
    action.run(async () => {
      await call(method, `/invoices/${invoice.id}${path}`)
      await reload()
    })
  return (
    <>
      <PageHead title="Invoices">
        {[undefined, ...(Object.keys(tones) as InvoiceState[])].filter((s) => staff || s !== 'draft').map((s) => (
          <button key={s ?? 'all'} type="button" aria-pressed={s === state} onClick={() => setState(s)} className={s === state ? 'btn px-3 py-1.5' : 'btn-quiet'}>{capital(s ?? 'all')}</button>
        ))}
      </PageHead>
      {(error || action.error) && <div className="mb-3"><Alert>{error?.message ?? action.error}</Alert></div>}
      <Card>
        {data?.length === 0 && <Empty>No invoices.</Empty>}
        <ul className="divide-y divide-line text-sm">
          {data?.map((i) => (
            <li key={i.id} className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 py-2.5 sm:grid-cols-[6rem_1fr_9rem_5rem_4rem_9rem]">
              <span className="font-medium tabular-nums">{i.number ?? 'Draft'}</span>
              {staff ? <Link to={`/patients/${i.patientId}`} className="order-last truncate hover:underline sm:order-none">{i.patient}</Link> : <span />}
              <span className="note hidden sm:inline">{i.state === 'sent' && i.dueOn ? `due ${date(i.dueOn)}` : date(i.paidAt ?? i.sentAt ?? i.createdAt)}</span>
              <span className="text-right tabular-nums">{money(i.amountCents)}</span>
              <span className="hidden sm:inline"><Badge tone={tones[i.state]}>{i.state}</Badge></span>
              <span className="order-last flex justify-end gap-1.5 sm:order-none">
                {staff && steps[i.state].map((step) => (
                  <button key={step.name} type="button" className="btn-quiet px-2 py-1 text-xs" disabled={action.busy} onClick={() => take(i, step)}>{step.name}</button>
                ))}
              </span>
            </li>
          ))}
        </ul>
      </Card>
    </>
  )
}
