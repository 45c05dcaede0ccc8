import { type FormEvent, type ReactNode, useId, useState } from 'react'
import type { z } from 'zod'
import { Button } from './Button.tsx'
import { ErrorBox } from './Failure.tsx'
import { type Field, fieldsOf, readFields } from './fields.ts'

interface Props<S extends z.ZodObject> {
  schema: S
  labels: Record<keyof S['shape'] & string, string>
  submit: string
  busy: boolean
  error: unknown
  onSubmit: (value: z.infer<S>) => void
  /** Fields that no text of one line is enough for; whoever shows them knows what is chosen. */
  children?: ReactNode
}

/** A form made from a schema of the API, so that it checks exactly what the keeper checks. */
export function Form<S extends z.ZodObject>(props: Props<S>) {
  const { schema, labels, submit, busy, error, onSubmit, children } = props
  const [problems, setProblems] = useState<Record<string, string>>({})
  const fields = fieldsOf(schema)
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const read = schema.safeParse(readFields(fields, new FormData(event.currentTarget)))
    setProblems(
      read.success
        ? {}
        : Object.fromEntries(read.error.issues.map(issue => [String(issue.path[0]), issue.message])),
    )
    if (read.success) onSubmit(read.data)
  }
  return (
    <form onSubmit={send} noValidate className="grid gap-3 p-4">
      <div className="grid items-start gap-3 sm:grid-cols-3">
        {fields.map(field => (
          <Input
            key={field.name}
            field={field}
            label={labels[field.name as keyof typeof labels]}
            problem={problems[field.name]}
          />
        ))}
      </div>
      {children}
      {error != null && <ErrorBox error={error} />}
      <div>
        <Button type="submit" look="main" busy={busy}>
          {submit}
        </Button>
      </div>
    </form>
  )
}

function Input({ field, label, problem }: { field: Field; label: string; problem: string | undefined }) {
  const id = useId()
  const common = {
    id,
    name: field.name,
    defaultValue: field.initial,
    className: 'field',
    'aria-invalid': problem !== undefined,
    'aria-describedby': problem === undefined ? undefined : `${id}-problem`,
  }
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-xs text-soft">
        {label}
        {!field.required && field.initial === '' && ' (may be empty)'}
      </label>
      {field.type === 'choice' ? (
        <select {...common}>
          {field.choices.map(choice => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input {...common} type={field.type} min={field.min} max={field.max} required={field.required} />
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} className="text-xs text-bad">
          {problem}
        </p>
      )}
    </div>
  )
}
