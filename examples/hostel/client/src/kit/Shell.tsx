import { Navigate, NavLink, Outlet, useNavigate } from 'react-router'
import { call, useQuery } from '../api.ts'
import { type Link, useLive } from '../live.ts'
import { Brand } from './Brand.tsx'

const pages = [
  { to: '/', name: 'Board' },
  { to: '/guests', name: 'Guests' },
  { to: '/money', name: 'Money' },
  { to: '/settings', name: 'Settings' },
]
const linkNames: Record<Link, string> = { socket: 'Live', stream: 'Live (stream)', connecting: 'Connecting…' }

export function Shell() {
  const navigate = useNavigate()
  const user = useQuery<{ name: string }>('/session')
  const release = useQuery<{ version: string }>('/version')
  const live = useLive()
  if (user.error?.status === 401) return <Navigate to="/log-in" replace />

  async function logOut() {
    await call('DELETE', '/session')
    navigate('/log-in')
  }
  return (
    <>
      <header className="bar">
        <Brand />
        <nav>
          {pages.map(({ to, name }) => <NavLink key={to} to={to}>{name}</NavLink>)}
        </nav>
        <span className={`link ${live.link}`} role="status">{linkNames[live.link]}</span>
        <button className="quiet" onClick={logOut}>Log out</button>
      </header>
      <main>
        {user.error && <p className="alert" role="alert">{user.error.message}</p>}
        {user.data && <Outlet context={live} />}
      </main>
      <footer>Harbour Capsules {release.data && <code>version {release.data.version}</code>}</footer>
    </>
  )
}
