import { useMutation, useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import {
  FollowUp,
  IncidentDetail,
  IncidentList,
  type IncidentRequest,
  IncidentReview,
  IncidentView,
} from '../../../server/src/watch/incidents/wire.ts'
import { useChanging } from '../keeper/changing.ts'
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

/** What changes here touch. */
const TOUCHED = ['incidents', 'alerts', 'status-pages']

export const useOpen = () =>
  useChanging(TOUCHED, (body: z.input<typeof IncidentRequest>) =>
    ask(IncidentView, '/api/incidents', { body }),
  )

/** `ack`, `note`, `resolve` or `set`, with what each takes. */
export const useAct = (id: number) =>
  useChanging(
    TOUCHED,
    ({ act, body = {} }: { act: 'ack' | 'note' | 'resolve' | 'set' | 'update'; body?: object }) =>
      ask(IncidentView, `/api/incidents/${id}/${act}`, { body }),
  )

export const useFollow = (id: number) =>
  useChanging(TOUCHED, (body: { what: string; dueAt: string }) =>
    ask(FollowUp, `/api/incidents/${id}/follow-ups`, { body }),
  )

export const useDone = () =>
  useChanging(TOUCHED, (id: number) => ask(FollowUp, `/api/follow-ups/${id}/done`, { body: {} }))

export const useReview = (id: number) =>
  useMutation({ mutationFn: () => ask(IncidentReview, `/api/incidents/${id}/review`) })
