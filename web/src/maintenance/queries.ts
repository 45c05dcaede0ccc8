import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import { type MaintenanceRequest, MaintenanceView } from '../../../server/src/watch/maintenance/wire.ts'
import { useChanging } from '../keeper/changing.ts'
import { ask } from '../keeper/request.ts'

export const useMaintenance = () =>
  useQuery({
    queryKey: ['maintenance'],
    queryFn: () => ask(z.array(MaintenanceView), '/api/maintenance'),
    refetchInterval: 5_000,
  })

/** What changes here touch. */
const TOUCHED = ['maintenance', 'status']

export const usePlan = (app: string) =>
  useChanging(TOUCHED, (body: z.input<typeof MaintenanceRequest>) =>
    ask(MaintenanceView, `/api/apps/${encodeURIComponent(app)}/maintenance`, { body }),
  )

export const useEnd = () =>
  useChanging(TOUCHED, (id: number) => ask(MaintenanceView, `/api/maintenance/${id}/end`, { body: {} }))
