import { useQueryClient } from '@tanstack/react-query'
import { type ConnectionState, useConnection } from '../keeper/connection.ts'
import { Badge } from '../kit/Badge.tsx'
import { Turning } from '../kit/icons.tsx'
import { clock } from '../kit/words.ts'

const SAYS: Record<ConnectionState, string> = {
  joining: 'connecting',
  live: 'live',
  polling: 'no live events, asking every 3 s',
  away: 'connection lost, retrying',
}

/** Shows whether the page is up to date with the server. `joins`: events come, or will. */
export function ConnectionMark({ joins = true }: { joins?: boolean }) {
  const state = useConnection()
  const turning = <Turning className="turn size-3.5" />
  return (
    <span role="status" data-connection={state}>
      {state === 'live' && (
        <span className="flex items-center gap-1.5 px-1 text-xs text-faint">
          <span className="size-1.5 rounded-full bg-soft" aria-hidden="true" />
          {SAYS.live}
        </span>
      )}
      {state === 'joining' && joins && <Badge>{SAYS.joining}</Badge>}
      {state === 'polling' && (
        <Badge tone="warn">
          {turning}
          <span className="sm:hidden">polling</span>
          <span className="hidden sm:inline">{SAYS.polling}</span>
        </Badge>
      )}
      {state === 'away' && (
        <Badge tone="bad">
          {turning}
          {SAYS.away}
          <Since />
        </Badge>
      )}
    </span>
  )
}

/** Shows from when the data on the page is. */
function Since() {
  const at = useQueryClient().getQueryState(['status'])?.dataUpdatedAt ?? 0
  return at === 0 ? null : <span className="hidden sm:inline">· shown as of {clock(at)}</span>
}
