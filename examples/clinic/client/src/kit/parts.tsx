import type { ReactNode } from 'react'
import { initials } from '../format.ts'

export function Card({ title, side, className = '', children }: { title?: string | undefined; side?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section className={`card min-w-0 ${className}`}>
      {title && (
        <header className="mb-3 flex flex-wrap items-center justify-between gap-2">
          <h2>{title}</h2>
          {side}
        </header>
      )}
      {children}
    </section>
  )
}

const tones = {
  leaf: 'bg-leaf-100 text-leaf-800',
  clay: 'bg-clay-100 text-clay-700',
  amber: 'bg-amber-100 text-amber-800',
  red: 'bg-red-100 text-red-800',
  sky: 'bg-sky-100 text-sky-800',
  grey: 'bg-stone-100 text-stone-600',
}
export type Tone = keyof typeof tones

export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`inline-block rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${tones[tone]}`}>{children}</span>
}

export function Avatar({ name }: { name: string }) {
  return (
    <span aria-hidden className="grid size-9 shrink-0 place-items-center rounded-full bg-leaf-100 text-xs font-semibold text-leaf-800">
      {initials(name)}
    </span>
  )
}

export function Alert({ children }: { children: ReactNode }) {
  return <p role="alert" className="rounded-xl bg-red-50 px-4 py-2.5 text-sm text-red-800">{children}</p>
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="py-6 text-center text-sm text-faint">{children}</p>
}

export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className="grid gap-1 text-xs font-medium text-faint">
      {label}
      {children}
    </label>
  )
}

export function PageHead({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-3">
      <div>
        <h1>{title}</h1>
        {lead && <p className="note mt-1">{lead}</p>}
      </div>
      {children && <div className="flex flex-wrap items-center gap-2">{children}</div>}
    </header>
  )
}
