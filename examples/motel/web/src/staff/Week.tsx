import { clock, day } from '@/kit/format'
import type { Shift } from './employee'

export function Week({ shifts }: { shifts: Shift[] }) {
  const days = Object.entries(Object.groupBy(shifts, shift => day(shift.startsAt)))
  return (
    <div className="week">
      {days.map(([name, list = []]) => (
        <section key={name} className="card">
          <h2>{name}</h2>
          <ul className="lines">
            {list.map(({ id, startsAt, endsAt, employee }) => (
              <li key={id} className={`shift ${employee.role}`}>
                {employee.name}
                <small>
                  {clock(startsAt)} to {clock(endsAt)}
                </small>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
