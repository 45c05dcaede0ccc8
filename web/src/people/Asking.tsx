import type { FormEvent, ReactNode } from 'react'
import { Button } from '../kit/Button.tsx'
import { ErrorBox } from '../kit/Failure.tsx'
import { DoorInput } from './Door.tsx'

interface AskingProps {
  label: string
  type: 'password' | 'text'
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (text: string) => void
  children?: ReactNode
}

/** One field with its button. */
export function Asking({ label, type, submit, busy, error, onSubmit, children }: AskingProps) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onSubmit(String(new FormData(event.currentTarget).get('text')))
  }
  const autoComplete = type === 'password' ? 'current-password' : 'one-time-code'
  return (
    <form onSubmit={send} className="grid max-w-sm gap-3">
      <DoorInput label={label} name="text" type={type} autoComplete={autoComplete} />
      {error != null && <ErrorBox error={error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="main" busy={busy}>
          {submit}
        </Button>
        {children}
      </div>
    </form>
  )
}
