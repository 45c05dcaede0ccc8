import { useQuery } from '@tanstack/react-query'
import { Backups } from '../../../server/src/data/backups/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

export const useBackups = () =>
  useQuery({
    queryKey: ['backups'],
    queryFn: () => ask(Backups, '/api/backups?soon=true'),
    refetchInterval: usePolling(),
  })
