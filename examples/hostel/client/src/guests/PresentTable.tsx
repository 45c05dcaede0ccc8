import { useState } from 'react'
import type { Presence } from '../../../src/checkins/checkin.ts'
import { call, type Json } from '../api.ts'
import { day, dayAndTime } from '../format.ts'

interface Props {
  present: Json<Presence>[]
  waiting: number
  free: string[]
  changed: () => void
}

export function PresentTable({ present, waiting, free, changed }: Props) {
  const [error, setError] = useState('')
  const act = (work: Promise<unknown>) => work.then(() => setError(''), (e: Error) => setError(e.message)).then(changed)
  const shownWaiting = present.filter((one) => one.state === 'waiting').length
  return (
    <section className="card">
      <h2>In the house</h2>
      {error && <p className="alert" role="alert">{error}</p>}
      <div className="scroll">
        <table>
          <thead><tr><th>Capsule</th><th>Guest</th><th>Checked in</th><th>Due out</th><th /></tr></thead>
          <tbody>
            {present.map((one) => (
              <tr key={one.id}>
                <td>{one.capsule ? <span className="pill occupied">{one.capsule}</span> : <span className="pill waiting">waiting</span>}</td>
                <td>{one.guestName}<small>{one.guestPhone}</small></td>
                <td>{dayAndTime(one.checkedInAt)}<small>{one.source === 'kiosk' ? 'at the kiosk' : 'at the desk'}</small></td>
                <td>{day(one.dueOut)}</td>
                <td className="actions">
                  {one.state === 'waiting' && free[0] && (
                    <button onClick={() => act(call('PUT', `/check-ins/${one.id}/capsule`, { capsule: free[0] }))}>Give {free[0]}</button>
                  )}
                  <button className="quiet" onClick={() => act(call('POST', `/check-ins/${one.id}/check-out`))}>Check out</button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {present.length === 0 && <p className="empty">Nobody is here.</p>}
      {waiting > shownWaiting && <p className="faint">{waiting - shownWaiting} more are waiting.</p>}
    </section>
  )
}
