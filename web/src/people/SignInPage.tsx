import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { Button } from '../kit/Button.tsx'
import { Door, DoorInput } from './Door.tsx'
import { NoPasskey } from './NoPasskey.tsx'
import { missing, signInWithPasskey } from './passkey.ts'
import { Refused } from './Refused.tsx'
import { signIn as enter, enterCode, type SignedIn } from './sign-in.ts'

type Given = { code: string } | { email: string; password: string } | 'passkey'

function given(by: Given): Promise<SignedIn> {
  if (by === 'passkey') return signInWithPasskey()
  return 'code' in by ? enterCode(by.code) : enter(by)
}

export function SignInPage() {
  const { next, chosen } = useSearch({ from: '/sign-in' })
  const client = useQueryClient()
  const navigate = useNavigate()
  /** The password was right, and a code is asked for. */
  const [half, setHalf] = useState(false)
  const signIn = useMutation({
    mutationFn: given,
    onSuccess: async ({ signedIn }) => {
      if (!signedIn) return setHalf(true)
      client.clear()
      await navigate({ href: inside(next), replace: true })
    },
  })
  const byPasskey = signIn.variables === 'passkey'
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
        <Button
          type="submit"
          look="main"
          busy={signIn.isPending && !byPasskey}
          disabled={signIn.isPending}
          className="min-h-10"
        >
          Sign in
        </Button>
        {half ? (
          <Button look="quiet" onClick={() => location.reload()}>
            Begin again
          </Button>
        ) : (
          <ByPasskey
            busy={signIn.isPending && byPasskey}
            disabled={signIn.isPending}
            onClick={() => signIn.mutate('passkey')}
          />
        )}
      </form>
    </Door>
  )
}

/** Where to go after the sign-in: only a path of this site, so that a link cannot lead elsewhere. */
const inside = (next: string | undefined): string =>
  next?.startsWith('/') && !next.startsWith('//') ? next : '/'

function ByPasskey(props: { busy: boolean; disabled: boolean; onClick: () => void }) {
  const why = missing()
  return (
    <div className="grid gap-4">
      <p className="flex items-center gap-3 text-xs text-faint before:h-px before:grow before:bg-line after:h-px after:grow after:bg-line">
        or
      </p>
      {why === null ? (
        <Button {...props} className="min-h-10">
          Sign in with a passkey
        </Button>
      ) : (
        <NoPasskey why={why} />
      )}
    </div>
  )
}
