import { useQuery } from '@tanstack/react-query'
import { Role } from '../../../server/src/api/wire.ts'
import { Me } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'

/** The person who is signed in. A page that was opened while the keeper is unreachable asks until it is back. */
export const useMe = () =>
  useQuery({
    queryKey: ['me'],
    queryFn: () => ask(Me, '/api/me'),
    staleTime: 60_000,
    // An admin may change what this person may, at any time.
    refetchInterval: query => (query.state.status === 'error' ? 3_000 : 30_000),
  })

const RANKS = Role.options
const includes = (own: Role | null | undefined, needed: Role): boolean =>
  own != null && RANKS.indexOf(own) >= RANKS.indexOf(needed)

/** Says of an app whether this person has a role there; null: in all of them, and for the server. */
export function useMayIn(role: Role): (app: string | null) => boolean {
  const { data: me } = useMe()
  return app => includes(me?.role, role) || (app !== null && includes(me?.apps[app], role))
}

/** Whether this person has a role in an app; null: in all of them, and for the server. Buttons for other roles are not shown. */
export const useMay = (role: Role, app: string | null): boolean => useMayIn(role)(app)

/** Whether somebody has a role in any app. */
export const mayAnywhere = ({ role, apps }: Me, needed: Role): boolean =>
  [role, ...Object.values(apps)].some(own => includes(own, needed))
