import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import type { Token } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { Confirm } from '../kit/Confirm.tsx'

export function RevokeButton({ token }: { token: Token }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const revoke = useMutation({
    mutationFn: () => ask(z.unknown(), `/api/tokens/${token.id}`, { method: 'DELETE' }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['tokens'] }),
  })
  return (
    <>
      <Button small className="!text-bad" onClick={() => setAsking(true)} aria-label={`revoke ${token.name}`}>
        Revoke
      </Button>
      {asking && (
        <Confirm
          title={`Revoke ${token.name}`}
          confirm="Revoke"
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate()}
          onClose={() => setAsking(false)}
        >
          <p className="text-left">
            Whatever uses it, or a token that was made with it, is refused from now on. This cannot be taken
            back.
          </p>
        </Confirm>
      )}
    </>
  )
}
