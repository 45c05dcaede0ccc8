'use client'
import { words } from '@/kit/format'
import { useFetched } from '@/live/useFetched'
import { CURRENT, type TaskPage } from '@/tasks/task'

export function SuiteTasks({ suiteId }: { suiteId: number }) {
  const { data } = useFetched<TaskPage>(`/tasks?suiteId=${suiteId}&status=${CURRENT}&limit=5`, ['task'])
  return (
    <>
      <h3>Tasks</h3>
      <ul className="lines">
        {data?.items.map(({ id, title, status, assignee }) => (
          <li key={id}>
            {title} <span className={`pill ${status}`}>{words(status)}</span>
            {assignee && <small>{assignee.name}</small>}
          </li>
        ))}
        {data?.items.length === 0 && <li className="faint">Nothing to do here.</li>}
      </ul>
    </>
  )
}
