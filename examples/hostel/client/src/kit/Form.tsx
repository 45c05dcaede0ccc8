import { type FormEvent, type ReactNode, useState } from 'react'

export interface Field {
  key: string
  label: string
  type?: 'text' | 'email' | 'tel' | 'number' | 'password'
  required?: boolean
  options?: readonly string[]
  step?: string
  initial?: string | number
  autoComplete?: string
}

export type Values = Record<string, string>

interface Props {
  fields: Field[]
  action: string
  /** What it rejects with is shown under the fields. */
  submit: (values: Values) => Promise<unknown>
  children?: ReactNode
  keep?: boolean
}

export function Form({ fields, action, submit, children, keep }: Props) {
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)

  async function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    setBusy(true)
    setError('')
    try {
      await submit(Object.fromEntries(new FormData(form)) as Values)
      if (!keep) form.reset()
    } catch (failure) {
      setError((failure as Error).message)
    }
    setBusy(false)
  }
  return (
    <form onSubmit={onSubmit}>
      {fields.map((field) => <Input key={field.key} field={field} />)}
      {children}
      {error && <p className="alert" role="alert">{error}</p>}
      <button disabled={busy}>{action}</button>
    </form>
  )
}

function Input({ field }: { field: Field }) {
  const { key, label, options, initial, type = 'text', ...rest } = field
  return (
    <label>
      {label}
      {options
        ? <select name={key} defaultValue={initial}>{options.map((option) => <option key={option}>{option}</option>)}</select>
        : <input name={key} type={type} defaultValue={initial} {...rest} />}
    </label>
  )
}
