'use client'
import { useState } from 'react'
import { useFetched } from '@/live/useFetched'
import { api } from '@/session/api'
import { ago } from './format'

interface Inbox {
  items: Array<{ id: number; text: string; createdAt: string; readAt: string | null }>
  unread: number
}

export function Bell() {
  const { data, reload } = useFetched<Inbox>('/notifications?limit=8', ['notification'])
  const [open, setOpen] = useState(false)
  const toggle = async () => {
    setOpen(!open)
    if (open || !data?.unread) return
    await api('/notifications/read', {})
    await reload()
  }
  return (
    <span className="bell">
      <button className="quiet" onClick={toggle} aria-label="Notifications" aria-expanded={open}>
        <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinejoin="round">
          <path d="M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5a2 2 0 0 0 4 0" />
        </svg>
        {data && data.unread > 0 && <b>{data.unread}</b>}
      </button>
      {open && (
        <ul className="card">
          {data?.items.map(({ id, text, createdAt }) => (
            <li key={id}>
              {text} <small>{ago(createdAt)}</small>
            </li>
          ))}
          {data?.items.length === 0 && <li className="empty">Nothing new.</li>}
        </ul>
      )}
    </span>
  )
}
