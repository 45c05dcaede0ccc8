import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { CodesAnswer, Done, FactorAnswer } from '../../../server/src/reach/people/wire.ts'
import { ask } from '../keeper/request.ts'
import { Button } from '../kit/Button.tsx'
import { Card } from '../kit/Card.tsx'
import { QrCode } from '../kit/QrCode.tsx'
import { Asking } from './Asking.tsx'

const PATH = '/api/me/second-factor'

/** The codes of an app as a second factor of the person who is signed in: set up, taken away, and those for when it is lost. */
export function SecondFactor({ on }: { on: boolean }) {
  return (
    <Card title="Codes of an app">
      <div className="grid gap-4 p-4">{on ? <On /> : <Off />}</div>
    </Card>
  )
}

function Off() {
  const client = useQueryClient()
  const begin = useMutation({
    mutationFn: (password: string) => ask(FactorAnswer, PATH, { body: { password } }),
  })
  const confirm = useMutation({
    mutationFn: (code: string) =>
      ask(Done, `${PATH}/confirm`, { body: { code: code.replaceAll(/\s/g, '') } }),
    onSuccess: () => client.invalidateQueries(),
  })
  if (begin.data === undefined)
    return (
      <>
        <p>
          Off. With it, signing in takes your password and a code that an app on your phone shows (TOTP:
          Aegis, FreeOTP, 1Password, Google Authenticator and their like).
        </p>
        <Asking
          label="Your password"
          type="password"
          submit="Set it up"
          busy={begin.isPending}
          error={begin.error}
          onSubmit={begin.mutate}
        />
      </>
    )
  const { uri, codes } = begin.data
  return (
    <>
      <p>Scan this with the app, keep the codes below it, then enter the code that the app shows.</p>
      <QrCode text={uri} label="QR code of the second factor" />
      <p className="text-xs break-all text-soft">
        Or type this key: <code className="font-mono">{new URL(uri).searchParams.get('secret')}</code>
      </p>
      <Codes codes={codes} />
      <Asking
        label="The code that the app shows"
        type="text"
        submit="Turn on"
        busy={confirm.isPending}
        error={confirm.error}
        onSubmit={confirm.mutate}
      />
    </>
  )
}

function On() {
  const client = useQueryClient()
  const [asking, setAsking] = useState<'codes' | 'off' | null>(null)
  const codes = useMutation({
    mutationFn: (password: string) => ask(CodesAnswer, `${PATH}/codes`, { body: { password } }),
    onSuccess: () => setAsking(null),
  })
  const off = useMutation({
    mutationFn: (password: string) => ask(Done, `${PATH}/off`, { body: { password } }),
    onSuccess: () => client.invalidateQueries(),
  })
  const change = asking === 'codes' ? codes : off
  return (
    <>
      <p>On: signing in takes your password and a code, or a passkey.</p>
      {codes.data && <Codes codes={codes.data.codes} />}
      {asking === null ? (
        <div className="flex flex-wrap gap-2">
          <Button onClick={() => setAsking('codes')}>Other codes for when it is lost</Button>
          <Button className="!text-bad" onClick={() => setAsking('off')}>
            Turn off
          </Button>
        </div>
      ) : (
        <Asking
          key={asking}
          label="Your password"
          type="password"
          submit={asking === 'codes' ? 'Make other codes' : 'Turn off'}
          busy={change.isPending}
          error={change.error}
          onSubmit={change.mutate}
        >
          <Button onClick={() => setAsking(null)}>Cancel</Button>
        </Asking>
      )}
    </>
  )
}

function Codes({ codes }: { codes: readonly string[] }) {
  return (
    <div role="status" className="grid gap-1.5 rounded-md bg-busy-tint px-4 py-3">
      <p className="font-medium">Codes for when the app is lost</p>
      <ul aria-label="codes" className="grid grid-cols-2 gap-x-6 font-mono text-sm sm:grid-cols-5">
        {codes.map(code => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <p className="text-xs text-soft">
        Each signs you in once. Keep them where the phone is not: they are not shown again.
      </p>
    </div>
  )
}
