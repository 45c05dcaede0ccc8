import { useQuery, useQueryClient } from '@tanstack/react-query'
import { AppStatus } from '../../../server/src/apps/app/wire.ts'
import type { Status } from '../../../server/src/watch/status/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

export function useApp(name: string) {
  const client = useQueryClient()
  return useQuery({
    queryKey: ['app', name],
    queryFn: () => ask(AppStatus, `/api/apps/${name}`),
    initialData: () => client.getQueryData<Status>(['status'])?.apps.find(app => app.name === name),
    initialDataUpdatedAt: 0,
    refetchInterval: usePolling(),
  })
}
