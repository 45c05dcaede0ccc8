import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { KeptRestore } from '../../../server/src/data/restores/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

/** Restores whose earlier data is kept, newest first. */
export const useKept = () =>
  useQuery({
    queryKey: ['restores'],
    queryFn: () => ask(z.array(KeptRestore), '/api/restores'),
    refetchInterval: usePolling(),
  })
