import type { ServiceConfig } from '../../config/config.ts'
import type { ServiceState } from '../../servers/supervisor/supervisor.ts'
import type { Slot } from '../app/app.ts'
import { logName } from '../app/names.ts'
import type { SeenInstance } from '../app/status.ts'
import type { InstanceState } from '../app/wire.ts'
import type { Seen } from './rule.ts'

/** What the watcher remembers of one instance between two looks. */
export interface Memory extends Seen {
  slot: Slot & { release: string }
  service: ServiceConfig | undefined
  told: ServiceState | null
  state: InstanceState
  /** Since when it is in that state. */
  since: number
  /** Whether its deployment takes traffic. */
  asked: boolean
  checkedAt: number
  asking: boolean
  /** Its last answer, where that may be JSON; null: it gave none. */
  body: string | null
  rss: number | null
  weighedAt: number
  /** When it ended or was replaced lately, with this release. */
  ends: readonly number[]
}

/** What is said of an instance. */
export function seenAs({ slot, told, service, rss, state, pid, ends }: Memory, out: boolean): SeenInstance {
  return {
    service: slot.service,
    colour: slot.colour,
    n: slot.n,
    release: slot.release,
    pid,
    port: service?.kind === 'web' ? slot.port : null,
    state,
    leftOut: out,
    rssBytes: pid === null ? null : rss,
    restarts: told?.crashes ?? 0,
    ends: ends.length,
    uptimeSeconds: pid === null ? null : (told?.seconds ?? null),
  }
}

/** The last answer of an instance to its check; nothing where it gave none that may be JSON. */
export const bodyOf = ({ slot, body }: Memory) =>
  body === null
    ? []
    : [{ app: slot.app, service: slot.service, instance: logName(slot), release: slot.release, body }]
