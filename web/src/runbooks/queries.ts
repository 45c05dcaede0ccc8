import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import {
  type ActRequest,
  RunbookView,
  WalkSummary,
  WalkView,
} from '../../../server/src/watch/runbooks/wire.ts'
import { ask } from '../keeper/request.ts'

/** A step that goes on prints, and no event tells of it. */
const GOES_ON_MS = 700
const AT_REST_MS = 5_000

interface Of {
  app: string | null
  incident?: number
}

export const useRunbooks = ({ app, incident }: Of) =>
  useQuery({
    queryKey: ['runbooks', app, incident ?? null],
    queryFn: () => {
      const query = new URLSearchParams({
        ...(app === null ? {} : { app }),
        ...(incident === undefined ? {} : { incident: String(incident) }),
      })
      return ask(z.array(RunbookView), `/api/runbooks?${query}`)
    },
  })

export const useWalks = () =>
  useQuery({
    queryKey: ['walks'],
    queryFn: () => ask(z.array(WalkSummary), '/api/walks'),
    refetchInterval: AT_REST_MS,
  })

export const useWalk = (id: string) =>
  useQuery({
    queryKey: ['walks', id],
    queryFn: () => ask(WalkView, `/api/walks/${encodeURIComponent(id)}`),
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && data.state !== 'open'
        ? false
        : data?.next != null && data.acts.length === 0
          ? GOES_ON_MS
          : AT_REST_MS,
  })

export interface Begin extends Of {
  name: string
  dry: boolean
}

export const useBegin = () =>
  useMutation({
    mutationFn: ({ name, app, incident, dry }: Begin) =>
      ask(WalkView, `/api/runbooks/${encodeURIComponent(name)}/walks`, {
        body: { app, dry, incident: incident ?? null },
      }),
  })

/** Does something with a walk, whose answer is how it stands then. */
function useStep<V>(id: number, step: (value: V) => Promise<WalkView>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: step,
    onSuccess: walk => client.setQueryData(['walks', String(id)], walk),
    // Somebody else was faster, or the keeper has another view of it.
    onError: () => client.invalidateQueries({ queryKey: ['walks', String(id)] }),
  })
}

export const useAct = (id: number) =>
  useStep(id, (body: z.input<typeof ActRequest>) => ask(WalkView, `/api/walks/${id}/act`, { body }))

export const useStop = (id: number) => useStep(id, () => ask(WalkView, `/api/walks/${id}/stop`, { body: {} }))
