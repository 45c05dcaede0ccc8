import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { KeeperError } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { ErrorBox, FailureBox } from '../kit/Failure.tsx'
import { Door, DoorInput } from './Door.tsx'
import { signIn as enter, enterCode } from './sign-in.ts'

type Given = { code: string } | { email: string; password: string }

export function SignInPage() {
  const { next, chosen } = useSearch({ from: '/sign-in' })
  const client = useQueryClient()
  const navigate = useNavigate()
  /** The password was right, and a code is asked for. */
  const [half, setHalf] = useState(false)
  const signIn = useMutation({
    mutationFn: (given: Given) => ('code' in given ? enterCode(given.code) : enter(given)),
    onSuccess: async ({ signedIn }) => {
      if (!signedIn) return setHalf(true)
      client.clear()
      await navigate({ href: inside(next), replace: true })
    },
  })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    const text = (name: string) => String(data.get(name))
    signIn.mutate(half ? { code: text('code') } : { email: text('email'), password: text('password') })
  }
  return (
    <Door title="Sign in">
      <form onSubmit={send} className="grid gap-4">
        {chosen && <p role="status">Your password is set. Sign in with it now.</p>}
        {signIn.isError && <Refused error={signIn.error} />}
        {half ? (
          <DoorInput
            key="code"
            label="Code"
            name="code"
            type="text"
            autoComplete="one-time-code"
            hint="The six digits that your app shows, or one of the codes for when it is lost."
          />
        ) : (
          <>
            <DoorInput label="Email" name="email" type="email" autoComplete="username" />
            <DoorInput label="Password" name="password" type="password" autoComplete="current-password" />
          </>
        )}
        <Button type="submit" look="main" busy={signIn.isPending} className="min-h-10">
          Sign in
        </Button>
        {half && (
          <Button look="quiet" onClick={() => location.reload()}>
            Begin again
          </Button>
        )}
      </form>
    </Door>
  )
}

/** Where to go after the sign-in: only a path of this site, so that a link cannot lead elsewhere. */
const inside = (next: string | undefined): string =>
  next?.startsWith('/') && !next.startsWith('//') ? next : '/'

/** What the sign-in library calls a refusal, and what to do. Other failures are shown as they are. */
const REFUSED: Record<string, string> = {
  INVALID_EMAIL_OR_PASSWORD: 'check both; an admin can send you a new link to choose a password',
  INVALID_CODE: 'wait for the next one; the clock of your phone must be right',
  INVALID_BACKUP_CODE: 'each of these codes is good for one sign-in',
  INVALID_TWO_FACTOR_COOKIE: 'begin again with your password: a code has ten minutes',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'begin again with your password',
  ACCOUNT_TEMPORARILY_LOCKED:
    'try again in a quarter of an hour; on the server, `inn people reset EMAIL` takes the second factor away',
}

function Refused({ error }: { error: unknown }) {
  const fix = error instanceof KeeperError ? REFUSED[error.failure.code] : undefined
  if (!(error instanceof KeeperError) || fix === undefined) return <ErrorBox error={error} />
  return (
    <FailureBox
      failure={{
        ...error.failure,
        what: 'that did not sign you in',
        why: error.failure.what,
        fix,
      }}
    />
  )
}
