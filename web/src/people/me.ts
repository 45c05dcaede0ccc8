import { useQuery } from '@tanstack/react-query'
import { Me } from '../../../contract/people.ts'
import { ask } from '../keeper/request.ts'

/** Who is signed in. A page that was opened while the keeper is away asks until it is back. */
export const useMe = () =>
  useQuery({
    queryKey: ['me'],
    queryFn: () => ask(Me, '/api/me'),
    staleTime: 60_000,
    refetchInterval: query => (query.state.status === 'error' ? 3_000 : false),
  })
