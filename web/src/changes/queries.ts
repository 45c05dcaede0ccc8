import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { PlanView, RunSummary } from '../../../server/src/engine/wire.ts'
import { ChangeAnswer } from '../../../server/src/engine/wire-change.ts'
import { ask } from '../keeper/request.ts'

/** A request for a change. With `plan: true`, the keeper only answers with the plan. */
export interface Wanted {
  path: string
  request: Record<string, unknown>
}

/** The keeper's plan; null: nothing is asked for yet. It is fetched anew each time, because the server may have changed. */
export const usePlan = (wanted: Wanted | null) =>
  useQuery({
    queryKey: ['plan', wanted],
    queryFn: async (): Promise<PlanView> => {
      const { path, request } = wanted!
      const answer = await ask(ChangeAnswer, path, { body: { ...request, plan: true } })
      if ('plan' in answer) return answer.plan
      throw new Error('a run has begun where a plan was asked for')
    },
    enabled: wanted !== null,
    staleTime: 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
  })

/** Begins the change, and navigates to its run. */
export function useChange(wanted: Wanted | null) {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async (): Promise<{ run: RunSummary; notices: string[] }> => {
      const { path, request } = wanted!
      const answer = await ask(ChangeAnswer, path, { body: { ...request, plan: false } })
      if ('run' in answer) return answer
      throw new Error('nothing has begun: a plan came, or somebody else must approve it first')
    },
    onSuccess: async ({ run, notices }) => {
      client.setQueryData(['notices', run.id], notices)
      void client.invalidateQueries({ queryKey: ['runs', run.app] })
      await navigate({ to: '/runs/$run', params: { run: run.id } })
    },
  })
}
