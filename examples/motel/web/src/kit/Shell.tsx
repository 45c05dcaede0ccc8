'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { useLive } from '@/live/live'
import { keepSession, type Person } from '@/session/session'
import { Bell } from './Bell'
import { Brand } from './Brand'

const PAGES = [
  ['/', 'Suites'],
  ['/tasks', 'Tasks'],
  ['/staff', 'Staff'],
] as const

const LABELS = { live: 'Live', offline: 'Offline', connecting: 'Connecting' }

export function Shell({ person, children }: { person: Person; children: ReactNode }) {
  const path = usePathname()
  const { state } = useLive()
  return (
    <>
      <header className="bar">
        <Brand />
        <nav>
          {PAGES.map(([href, label]) => (
            <Link key={href} href={href} className={path === href ? 'active' : ''}>
              {label}
            </Link>
          ))}
        </nav>
        <span className={`link ${state}`} role="status">
          {LABELS[state]}
        </span>
        <Bell />
        <span className="me">
          {person.name}
          <small>{person.role}</small>
        </span>
        <button className="quiet" onClick={() => keepSession(null)}>
          Log out
        </button>
      </header>
      {state === 'offline' && (
        <p className="offline">Offline: what you see may be old. It is brought up to date when the connection is back.</p>
      )}
      <main>{children}</main>
    </>
  )
}
