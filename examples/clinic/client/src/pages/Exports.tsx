import { call, useAction, useQuery } from '../api.ts'
import { date, isoDay, time } from '../format.ts'
import { Alert, Card, Empty, Labelled, PageHead } from '../kit/parts.tsx'
import type { Export } from '../types.ts'

export function Exports() {
  const { data, error, reload } = useQuery<Export[]>('/exports')
  const action = useAction()
  const today = new Date()
  const make = (form: FormData) =>
    action.run(async () => {
      await call('POST', '/exports', Object.fromEntries(form))
      await reload()
    })
  return (
    <>
      <PageHead title="Exports" lead="Tables for the books, as CSV" />
      <Card title="New export" className="mb-4">
        <form action={make} className="grid items-end gap-3 sm:grid-cols-4">
          <Labelled label="Of"><select className="field" name="kind"><option value="invoices">Invoices</option><option value="sessions">Sessions</option></select></Labelled>
          <Labelled label="First day"><input className="field" type="date" name="fromDay" required defaultValue={isoDay(new Date(today.getFullYear(), 0, 1))} /></Labelled>
          <Labelled label="Last day"><input className="field" type="date" name="toDay" required defaultValue={isoDay(today)} /></Labelled>
          <button className="btn" disabled={action.busy}>Export</button>
        </form>
        {(error || action.error) && <div className="mt-3"><Alert>{error?.message ?? action.error}</Alert></div>}
      </Card>
      <Card>
        {data?.length === 0 && <Empty>Nothing exported yet.</Empty>}
        <ul className="divide-y divide-line text-sm">
          {data?.map((e) => (
            <li key={e.id} className="flex flex-wrap items-center justify-between gap-2 py-2.5">
              <span><span className="font-medium capitalize">{e.kind}</span> <span className="note">{date(e.fromDay)} to {date(e.toDay)}, {e.rowCount} rows</span></span>
              <span className="flex items-center gap-3"><span className="note">{date(e.madeAt)} {time(e.madeAt)}</span><a className="btn-quiet" href={`/api/exports/${e.id}/file`} download>Download</a></span>
            </li>
          ))}
        </ul>
      </Card>
    </>
  )
}
