'use client'
import { useSyncExternalStore } from 'react'

export interface Person {
  id: number
  name: string
  role: 'manager' | 'reception' | 'housekeeping' | 'maintenance'
}

export interface Session {
  token: string
  person: Person
}

const KEY = 'motel.session'
const listeners = new Set<() => void>()

/** Read from the browser's storage once for each change, because React compares snapshots by identity. */
let cached: { text: string | null; session: Session | null } = { text: null, session: null }

export function readSession(): Session | null {
  const text = localStorage.getItem(KEY)
  if (text !== cached.text) cached = { text, session: text ? (JSON.parse(text) as Session) : null }
  return cached.session
}

export function keepSession(session: Session | null) {
  if (session) localStorage.setItem(KEY, JSON.stringify(session))
  else localStorage.removeItem(KEY)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

/** Undefined while the page is not alive yet, null when nobody is logged in. */
export const useSession = () =>
  useSyncExternalStore<Session | null | undefined>(subscribe, readSession, () => undefined)
