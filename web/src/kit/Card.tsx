import { type ReactNode, useId } from 'react'

interface Props {
  title: ReactNode
  aside?: ReactNode
  children: ReactNode
  className?: string
}

/** A part of a page with a heading. `aside`: shown to the right of the heading. */
export function Card({ title, aside, children, className = '' }: Props) {
  const id = useId()
  return (
    <section
      aria-labelledby={id}
      className={`min-w-0 overflow-hidden rounded-lg border border-line bg-card ${className}`}
    >
      <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-2.5">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  )
}
