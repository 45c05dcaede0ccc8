import { useQuery } from '@tanstack/react-query'
import { Status } from '../../../server/src/watch/status/wire.ts'
import { useConnection } from './connection.ts'
import { ask } from './request.ts'

/** Milliseconds between two queries: rarely while events arrive, often otherwise. */
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
