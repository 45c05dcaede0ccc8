import type { ReactNode } from 'react'
import { Command } from './Command.tsx'

/** Shows something that is shown only now and never again, e.g. a secret. */
export function Once({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div
      role="status"
      className="grid justify-items-start gap-1.5 border-b border-line bg-busy-tint px-4 py-3"
    >
      <p className="font-medium">{title}</p>
      <Command text={text} />
      <p className="text-xs text-soft">{children}</p>
    </div>
  )
}
