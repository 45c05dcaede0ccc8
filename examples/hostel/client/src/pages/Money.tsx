import { type Expense, type Month, type Payment } from '../../../src/money/money.ts'
import type { HouseSettings } from '../../../src/settings/settings.ts'
import { call, type Json, useQuery } from '../api.ts'
import { day, money, monthName, wholeMoney } from '../format.ts'
import { Bars } from '../kit/Bars.tsx'
import { type Field, Form, type Values } from '../kit/Form.tsx'

type PaymentRow = Payment & { guestName: string | null }

const amount: Field = { key: 'amount', label: 'Amount', type: 'number', step: '0.01', required: true }
const note: Field = { key: 'note', label: 'Note' }
const paymentFields: Field[] = [amount, { key: 'method', label: 'Method', options: ['cash', 'card', 'transfer'] }, note]
const categories = ['supplies', 'laundry', 'repairs', 'utilities', 'wages', 'rent']
const expenseFields: Field[] = [amount, { key: 'category', label: 'Category', options: categories }, note]
const series = [{ name: 'Income', className: 'income' }, { name: 'Expenses', className: 'spent' }]

const inCents = ({ amount, ...rest }: Values) => ({ ...rest, cents: Math.round(Number(amount) * 100) })

export function Money() {
  const months = useQuery<Month[]>('/money/months')
  const payments = useQuery<PaymentRow[]>('/money/payments?limit=12')
  const expenses = useQuery<Expense[]>('/money/expenses?limit=12')
  const currency = useQuery<HouseSettings>('/settings').data?.currency
  const add = (kind: string, list: { reload: () => Promise<void> }) => async (values: Values) => {
    await call('POST', `/money/${kind}`, inCents(values))
    await Promise.all([list.reload(), months.reload()])
  }
  const rows = months.data?.map((month) => ({ label: monthName(month.month), values: [month.income, month.spent] })) ?? []
  const thisMonth = months.data?.at(-1)
  return (
    <>
      <h1>Money</h1>
      <section className="card">
        <div className="head">
          <h2>Twelve months</h2>
          {thisMonth && <span className="faint">This month {money(thisMonth.income - thisMonth.spent, currency)}</span>}
        </div>
        <Bars rows={rows} series={series} format={(value) => wholeMoney(value, currency)} />
      </section>
      <div className="halves">
        <section className="card">
          <h2>Payments</h2>
          <Form fields={paymentFields} action="Add payment" submit={add('payments', payments)} />
          <Rows rows={payments.data?.map(paymentRow)} currency={currency} />
        </section>
        <section className="card">
          <h2>Expenses</h2>
          <Form fields={expenseFields} action="Add expense" submit={add('expenses', expenses)} />
          <Rows rows={expenses.data?.map(expenseRow)} currency={currency} />
        </section>
      </div>
    </>
  )
}

interface Row { id: number; at: string; what: string; detail: string; cents: number }

const paymentRow = ({ id, paidAt, guestName, note, method, cents }: Json<PaymentRow>): Row =>
  ({ id, at: paidAt, what: guestName ?? note ?? 'Payment', detail: method, cents })

const expenseRow = ({ id, spentAt, category, note, cents }: Json<Expense>): Row =>
  ({ id, at: spentAt, what: note ?? category, detail: note ? category : '', cents })

function Rows({ rows = [], currency }: { rows: Row[] | undefined; currency: string | undefined }) {
  return (
    <table>
      <tbody>
        {rows.map(({ id, at, what, detail, cents }) => (
          <tr key={id}>
            <td>{day(at)}</td>
            <td>{what}<small>{detail}</small></td>
            <td className="number">{money(cents, currency)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
