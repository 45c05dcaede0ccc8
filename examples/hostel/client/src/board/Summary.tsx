import type { Occupancy } from '../../../src/checkins/occupancy.ts'
import type { Json } from '../api.ts'

export function Summary({ occupancy }: { occupancy: Json<Occupancy> }) {
  const { total, occupied, free, cleaning, problem, waiting } = occupancy
  const parts = [
    { name: 'occupied', state: 'occupied', count: occupied },
    { name: 'free', state: 'free', count: free },
    { name: 'to clean', state: 'cleaning', count: cleaning },
    { name: 'out of order', state: 'problem', count: problem },
  ]
  const percent = total ? Math.round((occupied / total) * 100) : 0
  return (
    <section className="card summary">
      <div className="figure"><strong>{percent}%</strong><span>{occupied} of {total} capsules taken</span></div>
      <div className="share" role="img" aria-label={parts.map((part) => `${part.count} ${part.name}`).join(', ')}>
        {parts.map((part) => <i key={part.name} className={part.state} style={{ flexGrow: part.count }} />)}
      </div>
      <ul className="keys">
        {parts.map((part) => <li key={part.name} className={`key ${part.state}`}><b>{part.count}</b> {part.name}</li>)}
        <li className="key waiting"><b>{waiting}</b> waiting</li>
      </ul>
    </section>
  )
}
