import { useQuery } from '@tanstack/react-query'
import { Traffic } from '../../../server/src/apps/checks/wire.ts'
import { ask } from '../keeper/request.ts'

export const MINUTES = 30

export const useTraffic = (app: string) =>
  useQuery({
    queryKey: ['traffic', app],
    queryFn: () => ask(Traffic, `/api/apps/${app}/traffic?minutes=${MINUTES}`),
    refetchInterval: 10_000,
  })
