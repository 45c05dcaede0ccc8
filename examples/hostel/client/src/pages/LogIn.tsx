import { useNavigate } from 'react-router'
import { call } from '../api.ts'
import { Brand } from '../kit/Brand.tsx'
import { type Field, Form } from '../kit/Form.tsx'

const fields: Field[] = [
  { key: 'email', label: 'E-mail', type: 'email', required: true, autoComplete: 'username' },
  { key: 'password', label: 'Password', type: 'password', required: true, autoComplete: 'current-password' },
]

export function LogIn() {
  const navigate = useNavigate()
  async function logIn(values: Record<string, string>) {
    await call('POST', '/session', values)
    navigate('/')
  }
  return (
    <div className="door">
      <section className="card">
        <Brand />
        <h1>Front desk</h1>
        <Form fields={fields} action="Log in" submit={logIn} keep />
      </section>
    </div>
  )
}
