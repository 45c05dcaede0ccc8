import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { Drill } from '../../../server/src/data/drills/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

/** All drills, newest first. */
export const useDrills = () =>
  useQuery({
    queryKey: ['drills'],
    queryFn: () => ask(z.array(Drill), '/api/drills'),
    refetchInterval: usePolling(),
  })
