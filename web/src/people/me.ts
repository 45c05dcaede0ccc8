import { useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import { Role } from '../../../server/src/api/wire.ts'
import { Me } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'

/** The person who is signed in. A page that was opened while the keeper is unreachable asks until it is back. */
export const useMe = () =>
  useQuery({
    queryKey: ['me'],
    queryFn: () => ask(Me, '/api/me'),
    staleTime: 60_000,
    refetchInterval: query => (query.state.status === 'error' ? 3_000 : false),
  })

const RANKS = Role.options

/** Whether this person has a role. Buttons for other roles are not shown. */
export function useMay(role: z.infer<typeof Role>): boolean {
  const { data: me } = useMe()
  return me !== undefined && RANKS.indexOf(me.role) >= RANKS.indexOf(role)
}
