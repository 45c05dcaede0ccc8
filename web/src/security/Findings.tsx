import { Link } from '@tanstack/react-router'
import type { SecurityFinding, SecurityReport } from '../../../server/src/watch/security/wire.ts'
import { Badge, type Tone } from '../kit/Badge.tsx'
import { WithCommands } from '../kit/Command.tsx'

type About = Pick<SecurityFinding, 'app' | 'subject' | 'check'>

const TONES: Record<SecurityFinding['severity'], Tone> = {
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'soft',
}

const idOf = ({ app, check, subject }: About, text: string): string => `${app} ${check} ${subject} ${text}`

/** What was found, each with why it matters and what to do. */
export const Findings = ({ findings }: { findings: SecurityReport['findings'] }) => (
  <ul aria-label="findings" className="divide-y divide-line">
    {findings.map(one => (
      <li key={idOf(one, one.what)} data-check={one.check} className="grid gap-1 px-4 py-3">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Badge tone={TONES[one.severity]}>{one.severity}</Badge>
          <Where {...one} />
        </p>
        <p className="font-medium break-words">
          <WithCommands text={one.what} />
        </p>
        <p className="text-soft">{one.why}</p>
        <p className="text-soft">
          <span className="mr-1.5 text-faint">fix</span>
          <WithCommands text={one.fix} />
        </p>
      </li>
    ))}
  </ul>
)

/** One line each. */
export const Lines = ({
  label,
  lines,
}: {
  label: string
  lines: ReadonlyArray<About & { text: string }>
}) => (
  <ul aria-label={label} className="divide-y divide-line">
    {lines.map(one => (
      <li
        key={idOf(one, one.text)}
        className="grid gap-x-4 px-4 py-2 sm:grid-cols-[minmax(0,18rem)_minmax(0,1fr)]"
      >
        <span className="flex flex-wrap items-center gap-x-2">
          <Where {...one} />
        </span>
        <span className="min-w-0 text-soft">
          <WithCommands text={one.text} />
        </span>
      </li>
    ))}
  </ul>
)

function Where({ app, subject, check }: About) {
  return (
    <>
      {app !== null && (
        <Link to="/apps/$app" params={{ app }} className="link">
          {app}
        </Link>
      )}
      {subject !== app && <span className="break-all">{subject}</span>}
      <span className="font-mono text-xs text-faint">{check}</span>
    </>
  )
}
