'use client'
import { useState } from 'react'
import type { Suite } from '@/board/suite'
import { words } from '@/kit/format'
import { useFetched } from '@/live/useFetched'
import type { Employee } from '@/staff/employee'
import { NewTask } from '@/tasks/NewTask'
import { CURRENT, STATUSES, type TaskPage, type TaskStatus } from '@/tasks/task'
import { TaskRow } from '@/tasks/TaskRow'

const PAGE = 25

export default function Tasks() {
  const [status, setStatus] = useState<TaskStatus | null>(null)
  const [limit, setLimit] = useState(PAGE)
  const { data, error, reload } = useFetched<TaskPage>(`/tasks?limit=${limit}&status=${status ?? CURRENT}`, ['task'])
  const { data: suites = [] } = useFetched<Suite[]>('/suites', [])
  const { data: people = [] } = useFetched<Employee[]>('/employees', [])
  const hands = people.filter(({ active, role }) => active && role !== 'manager')
  const pick = (next: TaskStatus | null) => {
    setStatus(next)
    setLimit(PAGE)
  }
  return (
    <>
      <NewTask suites={suites} onAdded={reload} />
      <div className="card">
        <div className="tabs">
          {[null, ...STATUSES].map(value => (
            <button key={value ?? 'current'} className={value === status ? 'active' : ''} onClick={() => pick(value)}>
              {value ? words(value) : 'current'}
            </button>
          ))}
        </div>
        <table>
          <tbody>
            {data?.items.map(task => <TaskRow key={task.id} task={task} people={hands} onChange={reload} />)}
          </tbody>
        </table>
        {data?.items.length === 0 && <p className="empty">No such tasks.</p>}
        {error && <p className="error">{error}</p>}
        {data?.next && limit < 200 && (
          <button className="quiet" onClick={() => setLimit(Math.min(limit * 2, 200))}>
            Show more
          </button>
        )}
      </div>
    </>
  )
}
