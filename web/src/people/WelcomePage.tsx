import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { z } from 'zod'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { ErrorBox, FailureBox } from '../kit/Failure.tsx'
import { Door, DoorInput } from './Door.tsx'
import { signIn } from './sign-in.ts'

const SHORTEST = 12

/** The page of an invitation's link: the person chooses a password, and is signed in with it. */
export function WelcomePage() {
  const { token, email } = useSearch({ from: '/welcome' })
  const navigate = useNavigate()
  const client = useQueryClient()
  const choose = useMutation({
    mutationFn: async (password: string) => {
      await ask(z.unknown(), '/api/auth/reset-password', { body: { newPassword: password, token } })
      if (email === undefined) return false
      // The password is set already. If the sign-in is refused, its own page says why at the next try.
      return signIn({ email, password }).then(
        ({ signedIn }) => signedIn,
        () => false,
      )
    },
    onSuccess: async inside => {
      client.clear()
      if (inside) await navigate({ to: '/', replace: true })
      else await navigate({ to: '/sign-in', search: { chosen: true }, replace: true })
    },
  })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    choose.mutate(String(new FormData(event.currentTarget).get('password')))
  }
  if (token === undefined) return <NoToken />
  return (
    <Door title="Welcome. Choose a password">
      <form onSubmit={send} className="grid gap-4">
        {choose.isError && <ErrorBox error={choose.error} />}
        <DoorInput
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          minLength={SHORTEST}
          hint={`At least ${SHORTEST} characters. A few words are easier to remember than signs.`}
        />
        <Button type="submit" look="main" busy={choose.isPending} className="min-h-10">
          Set password
        </Button>
      </form>
    </Door>
  )
}

function NoToken() {
  return (
    <Door title="Welcome">
      <FailureBox
        failure={{
          code: 'people.no-invitation',
          what: 'this link is not complete',
          why: 'the address has no ?token=, perhaps a mail program cut it',
          fix: 'copy the whole link; an admin can make a new one',
        }}
      />
    </Door>
  )
}
