'use client'
import { useFetched } from '@/live/useFetched'
import type { Employee, Shift } from '@/staff/employee'
import { Week } from '@/staff/Week'

const ROLES = ['manager', 'reception', 'housekeeping', 'maintenance'] as const

export default function Staff() {
  const { data: people, error } = useFetched<Employee[]>('/employees', [])
  const { data: shifts = [] } = useFetched<Shift[]>('/shifts', [])
  if (!people) return <p className="empty">{error ?? 'Opening the list …'}</p>
  const now = Date.now()
  const here = new Set(
    shifts.filter(shift => Date.parse(shift.startsAt) <= now && Date.parse(shift.endsAt) > now).map(shift => shift.employee.id),
  )
  return (
    <>
      <div className="roles">
        {ROLES.map(role => (
          <section key={role} className="card">
            <h2>{role}</h2>
            <ul className="lines">
              {people
                .filter(person => person.role === role && person.active)
                .map(person => (
                  <li key={person.id} className={`shift ${role}`}>
                    {person.name} {here.has(person.id) && <span className="pill vacant">on shift</span>}
                    <small>{person.email}</small>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
      <Week shifts={shifts} />
    </>
  )
}
