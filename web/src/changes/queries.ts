import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ChangeAnswer } from '../../../contract/change.ts'
import type { PlanView, RunSummary } from '../../../contract/run.ts'
import { ask } from '../keeper/request.ts'
import type { Verb } from './verbs.ts'

interface Wanted {
  app: string
  verb: Verb
  request: Record<string, unknown>
}

const pathOf = ({ app, verb }: Wanted) => `/api/apps/${app}/${verb}`

/** What the keeper would do. Asked anew each time: the world may have changed. */
export const usePlan = (wanted: Wanted) =>
  useQuery({
    queryKey: ['plan', wanted],
    queryFn: async (): Promise<PlanView> => {
      const answer = await ask(ChangeAnswer, pathOf(wanted), { body: { ...wanted.request, plan: true } })
      if ('run' in answer) throw new Error('a run has begun where a plan was asked for')
      return answer.plan
    },
    staleTime: 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
  })

/** Does it, and goes to the run that has begun. */
export function useChange(wanted: Wanted) {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: async (): Promise<{ run: RunSummary; notices: string[] }> => {
      const answer = await ask(ChangeAnswer, pathOf(wanted), { body: { ...wanted.request, plan: false } })
      if ('plan' in answer) throw new Error('a plan came where a run was to begin')
      return answer
    },
    onSuccess: async ({ run, notices }) => {
      client.setQueryData(['notices', run.id], notices)
      void client.invalidateQueries({ queryKey: ['runs', wanted.app] })
      await navigate({ to: '/runs/$run', params: { run: run.id } })
    },
  })
}
