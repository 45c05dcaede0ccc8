'use client'
import { useState } from 'react'
import { ago } from '@/kit/format'
import { useAct } from '@/kit/useAct'
import { useFetched } from '@/live/useFetched'
import { api } from '@/session/api'

interface NotePage {
  items: Array<{ id: number; text: string; createdAt: string; author: { name: string } }>
}

export function Notes({ suiteId }: { suiteId: number }) {
  const path = `/suites/${suiteId}/notes`
  const { data, reload } = useFetched<NotePage>(`${path}?limit=5`, ['note'])
  const [text, setText] = useState('')
  const { act, busy, error } = useAct()
  const add = async () => {
    if (!(await act(() => api(path, { text })))) return
    setText('')
    await reload()
  }
  return (
    <>
      <h3>Notes</h3>
      <ul className="lines">
        {data?.items.map(note => (
          <li key={note.id}>
            {note.text}
            <small>
              {note.author.name} · {ago(note.createdAt)}
            </small>
          </li>
        ))}
        {data?.items.length === 0 && <li className="faint">No notes yet.</li>}
      </ul>
      <form
        className="row"
        onSubmit={event => {
          event.preventDefault()
          void add()
        }}
      >
        <input aria-label="Note" placeholder="Leave a note" value={text} maxLength={2000} onChange={event => setText(event.target.value)} />
        <button disabled={busy || !text.trim()}>Add</button>
      </form>
      {error && <p className="error">{error}</p>}
    </>
  )
}
