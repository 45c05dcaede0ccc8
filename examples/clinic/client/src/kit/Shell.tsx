import { NavLink, Navigate, Outlet, useNavigate } from 'react-router'
import { call, useQuery } from '../api.ts'
import { ChatLine, useUnread } from '../chat/line.tsx'
import type { Account } from '../types.ts'
import { Icon, type IconName } from './Icon.tsx'
import { Alert, Avatar } from './parts.tsx'

interface Page { to: string; name: string; icon: IconName; for: Account['role'][] }

const pages: Page[] = [
  { to: '/', name: 'Overview', icon: 'overview', for: ['admin', 'therapist', 'patient'] },
  { to: '/patients', name: 'Patients', icon: 'patients', for: ['admin', 'therapist'] },
  { to: '/booking', name: 'Booking', icon: 'booking', for: ['admin', 'therapist', 'patient'] },
  { to: '/invoices', name: 'Invoices', icon: 'invoices', for: ['admin', 'therapist', 'patient'] },
  { to: '/chat', name: 'Chat', icon: 'chat', for: ['therapist', 'patient'] },
  { to: '/exports', name: 'Exports', icon: 'exports', for: ['admin'] },
]

export function Shell() {
  const me = useQuery<Account>('/me')
  if (me.error?.status === 401) return <Navigate to="/log-in" replace />
  if (me.error) return <main className="p-6"><Alert>{me.error.message}</Alert></main>
  if (!me.data) return null
  return (
    <ChatLine account={me.data}>
      <Frame account={me.data} />
    </ChatLine>
  )
}

function Frame({ account }: { account: Account }) {
  const release = useQuery<{ version: string; stage: string }>('/version')
  const shown = pages.filter((page) => page.for.includes(account.role))
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[14rem_1fr]">
      <aside className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-white/70 p-4 md:flex">
        <Brand />
        <nav className="mt-8 grid gap-1">{shown.map((page) => <SideLink key={page.to} page={page} />)}</nav>
        <div className="mt-auto grid gap-3">
          <Person account={account} />
          {release.data && <p className="text-xs text-faint">Version {release.data.version}{release.data.stage !== 'production' && ` · ${release.data.stage}`}</p>}
        </div>
      </aside>
      <header className="flex items-center justify-between px-4 pt-4 md:hidden"><Brand /><Person account={account} small /></header>
      <main className="mx-auto w-full max-w-6xl min-w-0 p-4 pb-24 md:p-8"><Outlet context={account} /></main>
      <nav className="fixed inset-x-0 bottom-0 z-10 flex border-t border-line bg-white/95 pb-[env(safe-area-inset-bottom)] backdrop-blur md:hidden">
        {shown.map((page) => <TabLink key={page.to} page={page} />)}
      </nav>
    </div>
  )
}

export function Brand() {
  return (
    <span className="flex items-center gap-2.5 font-serif text-lg text-leaf-800">
      <img src="/leaf.svg" alt="" className="size-8" /> Lindenhof
    </span>
  )
}

function SideLink({ page }: { page: Page }) {
  return (
    <NavLink
      to={page.to} end={page.to === '/'}
      className={({ isActive }) => `flex items-center gap-3 rounded-xl px-3 py-2 text-sm ${isActive ? 'bg-leaf-100 font-semibold text-leaf-800' : 'text-faint hover:bg-leaf-50'}`}
    >
      <Icon name={page.icon} />{page.name}
      {page.to === '/chat' && <Unread />}
    </NavLink>
  )
}

function TabLink({ page }: { page: Page }) {
  return (
    <NavLink
      to={page.to} end={page.to === '/'}
      className={({ isActive }) => `relative grid flex-1 justify-items-center py-2 text-[11px] ${isActive ? 'font-semibold text-leaf-800' : 'text-faint'}`}
    >
      <Icon name={page.icon} />{page.name}
      {page.to === '/chat' && <span className="absolute top-1 left-1/2 ml-2"><Unread /></span>}
    </NavLink>
  )
}

function Unread() {
  const unread = useUnread()
  if (unread === 0) return null
  return <span className="ml-auto rounded-full bg-clay-500 px-1.5 text-xs font-semibold text-white" title={`${unread} unread`}>{unread}</span>
}

function Person({ account, small = false }: { account: Account; small?: boolean }) {
  const navigate = useNavigate()
  const logOut = async () => {
    await call('DELETE', '/log-in')
    navigate('/log-in')
  }
  return (
    <div className="flex items-center gap-2.5">
      {!small && <Avatar name={account.name} />}
      <div className="min-w-0 text-sm">
        {!small && <p className="truncate font-medium">{account.name}</p>}
        <button type="button" onClick={logOut} className="text-faint underline-offset-2 hover:underline">Log out</button>
      </div>
    </div>
  )
}
