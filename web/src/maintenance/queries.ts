import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { type MaintenanceRequest, MaintenanceView } from '../../../server/src/watch/maintenance/wire.ts'
import { ask } from '../keeper/request.ts'

export const useMaintenance = () =>
  useQuery({
    queryKey: ['maintenance'],
    queryFn: () => ask(z.array(MaintenanceView), '/api/maintenance'),
    refetchInterval: 5_000,
  })

function useChange<V>(change: (value: V) => Promise<MaintenanceView>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all(['maintenance', 'status'].map(key => client.invalidateQueries({ queryKey: [key] }))),
  })
}

export const usePlan = (app: string) =>
  useChange((body: z.input<typeof MaintenanceRequest>) =>
    ask(MaintenanceView, `/api/apps/${encodeURIComponent(app)}/maintenance`, { body }),
  )

export const useEnd = () =>
  useChange((id: number) => ask(MaintenanceView, `/api/maintenance/${id}/end`, { body: {} }))
