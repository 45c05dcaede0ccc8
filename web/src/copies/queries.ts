import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { CopyView } from '../../../server/src/data/copies/wire.ts'
import { ask } from '../keeper/request.ts'
import { usePolling } from '../keeper/status.ts'

/** Copies to look at. Their addresses hold passwords, so only admins may ask. */
export const useCopies = (may: boolean) =>
  useQuery({
    queryKey: ['copies'],
    queryFn: () => ask(z.array(CopyView), '/api/copies'),
    refetchInterval: usePolling(),
    enabled: may,
  })
