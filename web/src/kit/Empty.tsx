import type { ReactNode } from 'react'
import { Command } from './Command.tsx'

/** Says that there is nothing yet, with the command that changes this. */
export function Empty({ children, command }: { children: ReactNode; command?: string }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center text-soft">
      <p>{children}</p>
      {command && <Command text={command} />}
    </div>
  )
}

/** A placeholder for data that is being fetched, so that the page does not jump. */
export function Waiting({ rows = 3 }: { rows?: number }) {
  return (
    <div role="status" aria-label="loading" className="grid gap-2.5 p-4">
      {Array.from({ length: rows }, (_, i) => (
        <div
          key={`row ${i + 1}`}
          className="pulse h-4 rounded bg-sunk"
          style={{ width: `${90 - ((i * 23) % 45)}%` }}
        />
      ))}
    </div>
  )
}
