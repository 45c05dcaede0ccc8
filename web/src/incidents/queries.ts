import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { z } from 'zod'
import {
  FollowUp,
  IncidentDetail,
  IncidentList,
  type IncidentRequest,
  IncidentReview,
  IncidentView,
} from '../../../server/src/watch/incidents/wire.ts'
import { ask } from '../keeper/request.ts'

const OFTEN_MS = 5_000

export const useIncidents = () =>
  useQuery({
    queryKey: ['incidents'],
    queryFn: () => ask(IncidentList, '/api/incidents'),
    refetchInterval: OFTEN_MS,
  })

export const useIncident = (id: string) =>
  useQuery({
    queryKey: ['incidents', id],
    queryFn: () => ask(IncidentDetail, `/api/incidents/${encodeURIComponent(id)}`),
    refetchInterval: OFTEN_MS,
  })

/** What all changes here share: afterwards the lists are asked for again. */
function useChange<T, V>(change: (value: V) => Promise<T>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSuccess: () =>
      Promise.all(['incidents', 'alerts'].map(key => client.invalidateQueries({ queryKey: [key] }))),
  })
}

export const useOpen = () =>
  useChange((body: z.input<typeof IncidentRequest>) => ask(IncidentView, '/api/incidents', { body }))

/** `ack`, `note`, `resolve` or `set`, with what each takes. */
export const useAct = (id: number) =>
  useChange(({ act, body = {} }: { act: 'ack' | 'note' | 'resolve' | 'set'; body?: object }) =>
    ask(IncidentView, `/api/incidents/${id}/${act}`, { body }),
  )

export const useFollow = (id: number) =>
  useChange((body: { what: string; dueAt: string }) =>
    ask(FollowUp, `/api/incidents/${id}/follow-ups`, { body }),
  )

export const useDone = () =>
  useChange((id: number) => ask(FollowUp, `/api/follow-ups/${id}/done`, { body: {} }))

export const useReview = (id: number) =>
  useMutation({ mutationFn: () => ask(IncidentReview, `/api/incidents/${id}/review`) })
