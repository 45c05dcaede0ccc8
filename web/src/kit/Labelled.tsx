import { type ReactNode, useId } from 'react'

/** A field of a form below its label. `children` gets the id that ties the two together. */
export function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className="grid min-w-0 gap-1">
      <label htmlFor={id} className="text-xs text-soft">
        {label}
      </label>
      {children(id)}
    </div>
  )
}
