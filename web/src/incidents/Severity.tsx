import type { IncidentView } from '../../../server/src/watch/incidents/wire.ts'
import { Badge } from '../kit/Badge.tsx'
import { Check, Cross, Warn } from '../kit/icons.tsx'

const SMALL = 'size-3.5'

/** How much an incident hurts; one that is over shows no trouble. */
export function Severity({ of: { severity, state } }: { of: Pick<IncidentView, 'severity' | 'state'> }) {
  if (state === 'resolved') return <Badge>{severity}</Badge>
  return severity === 'minor' ? (
    <Badge tone="warn">
      <Warn className={SMALL} />
      minor
    </Badge>
  ) : (
    <Badge tone="bad">
      <Cross className={SMALL} />
      {severity}
    </Badge>
  )
}

export function State({ of: { state, acknowledged } }: { of: Pick<IncidentView, 'state' | 'acknowledged'> }) {
  if (state === 'resolved')
    return (
      <Badge>
        <Check className={SMALL} />
        over
      </Badge>
    )
  return acknowledged === null ? (
    <Badge tone="warn">in nobody's hand</Badge>
  ) : (
    <Badge>{acknowledged.by} has it in hand</Badge>
  )
}
