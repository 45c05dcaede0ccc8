import { useNavigate } from 'react-router'
import { call, useAction } from '../api.ts'
import { Brand } from '../kit/Shell.tsx'
import { Alert, Labelled } from '../kit/parts.tsx'

export function LogIn() {
  const navigate = useNavigate()
  const { busy, error, run } = useAction()
  const logIn = (form: FormData) =>
    run(async () => {
      await call('POST', '/log-in', Object.fromEntries(form))
      navigate('/')
    })
  return (
    <main className="grid min-h-dvh md:grid-cols-2">
      <div className="hidden flex-col justify-between bg-leaf-700 p-12 text-leaf-50 md:flex">
        <p className="font-serif text-lg">Lindenhof Clinic</p>
        <p className="max-w-md font-serif text-4xl leading-tight">A quiet place to talk, and to see how far you have come.</p>
        <p className="text-sm text-leaf-300">Psychotherapy for adults</p>
      </div>
      <div className="grid place-items-center p-6">
        <form action={logIn} className="grid w-full max-w-sm gap-4">
          <Brand />
          <h1 className="mt-4">Welcome back</h1>
          {error && <Alert>{error}</Alert>}
          <Labelled label="E-mail"><input className="field" name="email" type="email" autoComplete="username" required /></Labelled>
          <Labelled label="Password"><input className="field" name="password" type="password" autoComplete="current-password" required /></Labelled>
          <button className="btn" disabled={busy}>Log in</button>
        </form>
      </div>
    </main>
  )
}
