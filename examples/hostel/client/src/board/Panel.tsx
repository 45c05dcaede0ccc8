import { useState } from 'react'
import { Link } from 'react-router'
import type { Berth } from '../../../src/capsules/capsule.ts'
import { call, type Json } from '../api.ts'
import { dayAndTime } from '../format.ts'
import { Form } from '../kit/Form.tsx'
import { stateNames } from '../pages/Board.tsx'

interface Props {
  berth: Json<Berth>
  close: () => void
  changed: () => Promise<void>
}

export function Panel({ berth, close, changed }: Props) {
  const [error, setError] = useState('')
  const act = (work: Promise<unknown>) => work.then(() => setError(''), (e: Error) => setError(e.message)).then(changed)
  const { number, stay, problem, clean } = berth
  return (
    <aside className="card panel" aria-label={`Capsule ${number}`}>
      <div className="head">
        <h2>{number} <span className={`pill ${berth.state}`}>{stateNames[berth.state]}</span></h2>
        <button className="quiet" onClick={close} aria-label="Close">✕</button>
      </div>
      {error && <p className="alert" role="alert">{error}</p>}
      {stay && (
        <p>
          {stay.guestName}, due out {dayAndTime(stay.dueOut)}
          <button onClick={() => act(call('POST', `/check-ins/${stay.checkInId}/check-out`))}>Check out</button>
        </p>
      )}
      {problem && (
        <p>
          {problem.description}
          <button onClick={() => act(call('DELETE', `/problems/${problem.id}`))}>Solved</button>
        </p>
      )}
      <div className="actions">
        {berth.state === 'free' && <Link className="button" to={`/guests?capsule=${number}`}>Check in here</Link>}
        <button className="quiet" onClick={() => act(call('PUT', `/capsules/${number}`, { clean: !clean }))}>
          {clean ? 'Needs cleaning' : 'Mark as clean'}
        </button>
      </div>
      {!problem && (
        <Form
          fields={[{ key: 'description', label: 'Report a problem', required: true }]}
          action="Report"
          submit={(values) => call('POST', `/capsules/${number}/problems`, values).then(changed)}
        />
      )}
    </aside>
  )
}
