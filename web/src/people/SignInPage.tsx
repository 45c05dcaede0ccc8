import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { KeeperError } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { ErrorBox, FailureBox } from '../kit/Failure.tsx'
import { Door, DoorInput } from './Door.tsx'
import { signIn as enter } from './sign-in.ts'

export function SignInPage() {
  const { next, chosen } = useSearch({ from: '/sign-in' })
  const client = useQueryClient()
  const navigate = useNavigate()
  const signIn = useMutation({
    mutationFn: enter,
    onSuccess: async () => {
      client.clear()
      await navigate({ href: inside(next), replace: true })
    },
  })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    signIn.mutate({ email: String(data.get('email')), password: String(data.get('password')) })
  }
  return (
    <Door title="Sign in">
      <form onSubmit={send} className="grid gap-4">
        {chosen && <p role="status">Your password is set. Sign in with it now.</p>}
        {signIn.isError && <Refused error={signIn.error} />}
        <DoorInput label="Email" name="email" type="email" autoComplete="username" />
        <DoorInput label="Password" name="password" type="password" autoComplete="current-password" />
        <Button type="submit" look="main" busy={signIn.isPending} className="min-h-10">
          Sign in
        </Button>
      </form>
    </Door>
  )
}

/** Where to go after the sign-in: only a path of this site, so that a link cannot lead elsewhere. */
const inside = (next: string | undefined): string =>
  next?.startsWith('/') && !next.startsWith('//') ? next : '/'

/** The sign-in library's code for a wrong address or password. Other failures are shown as they are. */
const REFUSED = 'INVALID_EMAIL_OR_PASSWORD'

function Refused({ error }: { error: unknown }) {
  if (!(error instanceof KeeperError) || error.failure.code !== REFUSED) return <ErrorBox error={error} />
  return (
    <FailureBox
      failure={{
        ...error.failure,
        what: 'that did not sign you in',
        why: error.failure.what,
        fix: 'check both; an admin can send you a new link to choose a password',
      }}
    />
  )
}
