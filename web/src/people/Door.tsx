import { type ReactNode, useId } from 'react'
import { Logo } from '../kit/Logo.tsx'
import { ThemeSwitch } from '../kit/ThemeSwitch.tsx'

/** The layout of pages for people who are not signed in. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh grid-cols-[minmax(0,24rem)] content-center justify-center px-4 py-10">
      <div className="absolute top-3 right-3">
        <ThemeSwitch />
      </div>
      <p className="mb-6 flex items-center justify-center gap-2.5 text-lg font-semibold">
        <Logo className="size-8" />
        Innkeeper
      </p>
      <section className="rounded-xl border border-line bg-card p-6">
        <h1 className="mb-4 text-lg font-semibold">{title}</h1>
        {children}
      </section>
    </main>
  )
}

interface InputProps {
  label: string
  name: string
  type: 'email' | 'password' | 'text'
  autoComplete: string
  hint?: string
  minLength?: number
  maxLength?: number
  defaultValue?: string
}

export function DoorInput({ label, hint, ...input }: InputProps) {
  const id = useId()
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-soft">
        {label}
      </label>
      <input
        {...input}
        id={id}
        required
        className="field !py-2"
        aria-describedby={hint ? `${id}-hint` : undefined}
      />
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-faint">
          {hint}
        </p>
      )}
    </div>
  )
}
