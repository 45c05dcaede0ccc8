import { useQuery } from '@tanstack/react-query'
import { Status } from '../../../server/src/watch/status/wire.ts'
import { useConnection } from './connection.ts'
import { ask } from './request.ts'

/** How often to ask: not at all while events come in. */
export function usePolling(): number {
  return useConnection() === 'live' ? 30_000 : 3_000
}

export const useStatus = () =>
  useQuery({
    queryKey: ['status'],
    queryFn: () => ask(Status, '/api/status'),
    refetchInterval: usePolling(),
    refetchIntervalInBackground: true,
  })
