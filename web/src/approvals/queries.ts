import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { z } from 'zod'
import { Approval } from '../../../server/src/engine/wire-change.ts'
import { ask } from '../keeper/request.ts'

const KEY = ['approvals']

/** Changes that wait until somebody else has approved them. */
export const useWaiting = () =>
  useQuery({
    queryKey: KEY,
    queryFn: () => ask(z.array(Approval), '/api/approvals'),
    select: all => all.filter(({ state }) => state === 'waiting'),
    refetchInterval: 10_000,
  })

/** Approves exactly the plan that was shown, or refuses it. What begins is shown. */
export function useDecision({ id, digest }: Pick<Approval, 'id' | 'digest'>, done: () => void) {
  const client = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: (what: 'approve' | 'refuse') =>
      ask(Approval, `/api/approvals/${id}/${what}`, { body: what === 'approve' ? { digest } : {} }),
    onSuccess: async ({ run }) => {
      void client.invalidateQueries({ queryKey: KEY })
      done()
      if (run !== null) await navigate({ to: '/runs/$run', params: { run } })
    },
  })
}
