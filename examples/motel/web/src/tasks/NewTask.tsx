'use client'
import { useRef } from 'react'
import type { Suite } from '@/board/suite'
import { useAct } from '@/kit/useAct'
import { api } from '@/session/api'
import { KINDS, PRIORITIES } from './task'

export function NewTask({ suites, onAdded }: { suites: Suite[]; onAdded(): void }) {
  const form = useRef<HTMLFormElement>(null)
  const { act, busy, error } = useAct()
  const add = (data: FormData) =>
    act(async () => {
      const suiteId = Number(data.get('suiteId'))
      const [title, kind, priority] = ['title', 'kind', 'priority'].map(name => data.get(name))
      await api('/tasks', { title, kind, priority, ...(suiteId ? { suiteId } : {}) })
      form.current?.reset()
      onAdded()
    })
  return (
    <form
      ref={form}
      className="card row"
      onSubmit={event => {
        event.preventDefault()
        void add(new FormData(event.currentTarget))
      }}
    >
      <input name="title" placeholder="What is to be done?" aria-label="Title" required maxLength={200} />
      <select name="suiteId" aria-label="Suite">
        <option value="">No suite</option>
        {suites.map(({ id, number }) => (
          <option key={id} value={id}>
            Suite {number}
          </option>
        ))}
      </select>
      <Choice name="kind" values={KINDS} />
      <Choice name="priority" values={PRIORITIES} initial="normal" />
      <button disabled={busy}>Add task</button>
      {error && <p className="error">{error}</p>}
    </form>
  )
}

function Choice({ name, values, initial }: { name: string; values: readonly string[]; initial?: string }) {
  return (
    <select name={name} aria-label={name} defaultValue={initial}>
      {values.map(value => (
        <option key={value}>{value}</option>
      ))}
    </select>
  )
}
