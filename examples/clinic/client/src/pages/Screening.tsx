import { useState } from 'react'
import { Link, useOutletContext, useParams } from 'react-router'
import { call, useAction, useQuery } from '../api.ts'
import { Alert, Card, PageHead } from '../kit/parts.tsx'
import type { Account, Questionnaires, Screening as Asked } from '../types.ts'

export function Screening() {
  const { id } = useParams()
  const asked = useQuery<Asked>(`/screenings/${id}`)
  const forms = useQuery<Questionnaires>('/questionnaires')
  const { busy, error, run } = useAction()
  const [answers, setAnswers] = useState<(number | undefined)[]>([])
  if (asked.error) return <Alert>{asked.error.message}</Alert>
  if (!asked.data || !forms.data) return null
  if (asked.data.takenAt) return <Thanks screening={asked.data} />
  const { title, questions } = forms.data.questionnaires[asked.data.kind]
  const complete = questions.every((_, i) => answers[i] !== undefined)
  const save = () =>
    run(async () => {
      await call('POST', `/screenings/${id}/answers`, { answers })
      await asked.reload()
    })
  return (
    <form action={save} className="mx-auto max-w-2xl">
      <PageHead title={title} lead="Over the last two weeks, how often have you been bothered by the following?" />
      <Card>
        {questions.map((question, i) => (
          <fieldset key={question} className="border-b border-line py-4 first:pt-0 last:border-0">
            <legend className="float-left mb-2 text-sm font-medium">{i + 1}. {question}</legend>
            <div className="clear-both grid grid-cols-2 gap-1.5 sm:grid-cols-4">
              {forms.data!.frequencies.map((name, value) => (
                <label key={name} className="cursor-pointer rounded-xl border border-line px-2 py-2 text-center text-xs has-checked:border-leaf-600 has-checked:bg-leaf-100 has-checked:font-semibold has-focus-visible:outline-2">
                  <input className="sr-only" type="radio" name={`q${i}`} required checked={answers[i] === value} onChange={() => setAnswers(Array.from(questions, (_, j) => (j === i ? value : answers[j])))} />
                  {name}
                </label>
              ))}
            </div>
          </fieldset>
        ))}
      </Card>
      {error && <div className="mt-3"><Alert>{error}</Alert></div>}
      <button className="btn mt-4 w-full sm:w-auto" disabled={busy || !complete}>Send</button>
    </form>
  )
}

function Thanks({ screening }: { screening: Asked }) {
  const { role } = useOutletContext<Account>()
  return (
    <Card title="Thank you" className="mx-auto max-w-xl">
      <p className="text-sm">{role === 'patient' ? 'Your therapist sees the answers, and you will talk about them.' : `Score ${screening.score}, ${screening.band}.`}</p>
      {screening.flagged && <p className="mt-3 rounded-xl bg-red-50 p-3 text-sm text-red-800">If you think of hurting yourself, you need not wait for the next session: call the emergency number 112, at any hour.</p>}
      <Link className="btn mt-4" to={role === 'patient' ? '/' : `/patients/${screening.patientId}`}>Back</Link>
    </Card>
  )
}
