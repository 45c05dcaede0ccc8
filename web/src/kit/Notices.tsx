import { WithCommands } from './Command.tsx'
import { Warn } from './icons.tsx'

/** Notices that a person should read before a plan runs. */
export function Notices({ notices }: { notices: readonly string[] }) {
  if (notices.length === 0) return null
  return (
    <ul aria-label="to know" className="grid gap-2 rounded-lg border border-warn/40 bg-warn-tint px-4 py-3">
      {notices.map(notice => (
        <li key={notice} className="flex gap-2">
          <Warn className="mt-0.5 text-warn" />
          <span className="min-w-0">
            <WithCommands text={notice} />
          </span>
        </li>
      ))}
    </ul>
  )
}
