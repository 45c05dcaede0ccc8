import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { CheckinView } from '../../../server/src/watch/checkins/wire.ts'
import { ProbeView } from '../../../server/src/watch/probes/wire.ts'
import { ask } from '../keeper/request.ts'

/** Probes are asked once a minute; what is shown need not be newer. */
const EVERY_MS = 15_000

export const useProbes = (app: string) =>
  useQuery({
    queryKey: ['probes', app],
    queryFn: () => ask(z.array(ProbeView), `/api/probes?app=${app}`),
    refetchInterval: EVERY_MS,
  })

export const useCheckins = (app: string) =>
  useQuery({
    queryKey: ['checkins', app],
    queryFn: () => ask(z.array(CheckinView), `/api/checkins?app=${app}`),
    refetchInterval: EVERY_MS,
  })
