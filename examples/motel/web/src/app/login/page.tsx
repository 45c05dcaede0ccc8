'use client'
import { useRouter } from 'next/navigation'
import { Brand } from '@/kit/Brand'
import { useAct } from '@/kit/useAct'
import { api } from '@/session/api'
import { keepSession, type Session } from '@/session/session'

export default function LogIn() {
  const router = useRouter()
  const { act, busy, error } = useAct()
  const logIn = (form: FormData) =>
    act(async () => {
      const session = await api<Session>('/session', { email: form.get('email'), password: form.get('password') })
      keepSession(session)
      router.replace('/')
    })
  return (
    <main className="login">
      <form
        className="card"
        onSubmit={event => {
          event.preventDefault()
          void logIn(new FormData(event.currentTarget))
        }}
      >
        <Brand />
        <label>
          E-mail
          <input name="email" type="email" autoComplete="username" required autoFocus />
        </label>
        <label>
          Password
          <input name="password" type="password" autoComplete="current-password" required />
        </label>
        {error && <p className="error">{error}</p>}
        <button disabled={busy}>Log in</button>
      </form>
    </main>
  )
}
