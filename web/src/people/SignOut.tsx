import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { z } from 'zod'
import type { Me } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { sayRights } from './rights.ts'

export function SignOut({ me }: { me: Me }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const out = useMutation({
    mutationFn: () => ask(z.unknown(), '/api/auth/sign-out', { body: {} }),
    onSuccess: async () => {
      await navigate({ to: '/sign-in' })
      client.clear()
    },
  })
  return (
    <>
      <span className="hidden px-1 text-xs text-soft md:inline" title={me.email ?? undefined}>
        {me.name} <span className="text-faint">{sayRights(me)}</span>
      </span>
      <Button look="quiet" small busy={out.isPending} onClick={() => out.mutate()}>
        Sign out
      </Button>
    </>
  )
}
