'use client'
import { ago, words } from '@/kit/format'
import { useAct } from '@/kit/useAct'
import { api } from '@/session/api'
import type { Employee } from '@/staff/employee'
import type { Task, TaskStatus } from './task'

const DEEDS: Record<TaskStatus, string> = {
  open: 'Give back',
  assigned: 'Pause',
  in_progress: 'Start',
  done: 'Done',
  verified: 'Verify',
  cancelled: 'Cancel',
}

export function TaskRow({ task, people, onChange }: { task: Task; people: Employee[]; onChange(): void }) {
  const { act, busy, error } = useAct()
  const move = (status: TaskStatus, assigneeId?: number) =>
    act(() => api(`/tasks/${task.id}/status`, { status, assigneeId }).finally(onChange))
  const assigning = task.status === 'open' && task.allowed.includes('assigned')
  return (
    <tr>
      <td>
        {task.title}
        <small>
          {task.kind} · {ago(task.createdAt)}
          {error && <span className="error"> {error}</span>}
        </small>
      </td>
      <td>{task.suite?.number}</td>
      <td className={`priority ${task.priority}`}>{task.priority}</td>
      <td>
        <span className={`pill ${task.status}`}>{words(task.status)}</span>
      </td>
      <td>{task.assignee?.name}</td>
      <td>
        <div className="row end">
          {assigning && (
            <select aria-label="Give to" value="" disabled={busy} onChange={event => move('assigned', Number(event.target.value))}>
              <option value="" disabled>
                Give to …
              </option>
              {people.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
          {task.allowed
            .filter(status => !(assigning && status === 'assigned'))
            .map(status => (
              <button key={status} className={status === 'cancelled' || status === 'open' ? 'quiet' : ''} disabled={busy} onClick={() => move(status)}>
                {task.status === 'done' && status === 'in_progress' ? 'Not done' : DEEDS[status]}
              </button>
            ))}
        </div>
      </td>
    </tr>
  )
}
