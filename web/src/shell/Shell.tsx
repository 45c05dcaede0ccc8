import { Link, Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Me } from '../../../server/src/reach/people/wire.ts'
import { useLive } from '../keeper/live.ts'
import { KeeperError } from '../keeper/request.ts'
import { useStatus } from '../keeper/status.ts'
import { ErrorBox } from '../kit/Failure.tsx'
import { Logo } from '../kit/Logo.tsx'
import { ThemeSwitch } from '../kit/ThemeSwitch.tsx'
import { AccountPage } from '../people/AccountPage.tsx'
import { mayAnywhere, useMe } from '../people/me.ts'
import { ShowPasskey } from '../people/ShowPasskey.tsx'
import { SignOut } from '../people/SignOut.tsx'
import { ConnectionMark } from './ConnectionMark.tsx'
import { troubles } from './trouble.ts'

const ANY = { activeOptions: { includeSearch: false } } as const

/** The pages that somebody is led to. Metrics may be asked about all apps at once, and only an admin of all adds people. */
const pagesOf = (me: Me) =>
  [
    { to: '/', name: 'Apps', activeOptions: { exact: true } },
    { to: '/backups', name: 'Backups', ...ANY },
    ...(me.role === null ? [] : [{ to: '/metrics', name: 'Metrics', ...ANY } as const]),
    { to: '/alerts', name: 'Alerts' },
    { to: '/incidents', name: 'Incidents' },
    ...(me.role === null || me.role === 'viewer' ? [] : [{ to: '/security', name: 'Security' } as const]),
    ...(me.role === 'admin' ? [{ to: '/people', name: 'People' } as const] : []),
    ...(mayAnywhere(me, 'admin')
      ? ([
          { to: '/tokens', name: 'Tokens' },
          { to: '/audit', name: 'Audit' },
        ] as const)
      : []),
    ...(me.factor === null ? [] : [{ to: '/account', name: 'Account' } as const]),
  ] as const

/** The layout of all pages for a person who is signed in. */
export function Shell() {
  const me = useMe()
  const out = me.error instanceof KeeperError && me.error.status === 401
  if (me.data === undefined && (!me.isError || out)) return null
  const owed = me.data?.factor === 'owed' || me.data?.factor === 'passkey'
  const open = me.data !== undefined && !owed
  return (
    <>
      <a
        href="#page"
        className="absolute -top-10 left-2 z-10 rounded-md bg-ink px-3 py-2 text-page focus-visible:top-2"
      >
        Skip to the page
      </a>
      <header className="border-b border-line bg-card">
        <div className="mx-auto flex max-w-7xl flex-wrap items-center gap-x-5 gap-y-1 px-4 py-2 sm:px-6">
          <Link to="/" className="flex items-center gap-2 py-1 font-semibold">
            <Logo className="size-6" />
            Innkeeper
          </Link>
          {open && me.data && <Nav me={me.data} />}
          <div className="ml-auto flex items-center gap-1.5">
            {open ? <Connected /> : <ConnectionMark joins={me.data === undefined} />}
            <ThemeSwitch />
            {me.data && <SignOut me={me.data} />}
          </div>
        </div>
      </header>
      <main id="page" tabIndex={-1} className="mx-auto max-w-7xl px-4 py-5 outline-none sm:px-6">
        {open ? <Outlet /> : me.data ? <Owed me={me.data} /> : <ErrorBox error={me.error} />}
      </main>
    </>
  )
}

/** What is asked of a person before anything else. */
const Owed = ({ me }: { me: Me }) => (me.factor === 'passkey' ? <ShowPasskey /> : <AccountPage owed />)

function Nav({ me }: { me: Me }) {
  return (
    <nav aria-label="pages" className="order-last -mx-2 flex w-full flex-wrap gap-1 sm:order-none sm:w-auto">
      {pagesOf(me).map(({ name, ...link }) => (
        <Link key={name} {...link} className={LINK} activeProps={ACTIVE}>
          {name}
        </Link>
      ))}
    </nav>
  )
}

const LINK = 'rounded-md px-2 py-1 text-soft hover:text-ink'
const ACTIVE = { className: 'bg-sunk !text-ink', 'aria-current': 'page' as const }

/** Opens the stream of events for a signed-in person, and shows trouble in the tab's title. */
function Connected() {
  useLive()
  const { data } = useStatus()
  const trouble = data === undefined ? [] : troubles(data)
  const title = trouble.length > 0 ? `(!) ${trouble.join(', ')}` : 'Innkeeper'
  useEffect(() => {
    document.title = title
  }, [title])
  return <ConnectionMark />
}
