import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { PutAside } from '../../../server/src/data/restores/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

/** Data that restores and recoveries put aside, newest first. */
export const useKept = () =>
  useQuery({
    queryKey: ['restores'],
    queryFn: () => ask(z.array(PutAside), '/api/restores'),
    refetchInterval: usePolling(),
  })
