import type { PublicIncident } from '../incidents/updates.ts'
import type { ComponentState } from './wire.ts'

/** What is known of a service at a moment. */
export interface ServiceFacts {
  /** Whether no instance of it works; null: nobody knows. */
  down: boolean | null
  /** In the last minute, as the edge counted. `failed`: nobody answered them. */
  requests: number
  errors: number
  failed: number
}

/** From the best to the worst. */
const ORDER: readonly ComponentState[] = [
  'operational',
  'maintenance',
  'unknown',
  'degraded',
  'partial',
  'major',
]

export const worst = (states: readonly ComponentState[]): ComponentState =>
  ORDER[Math.max(0, ...states.map(state => ORDER.indexOf(state)))]!

/** So many errors at least make a share of them: one of two requests is none. */
const FEW = 3

/**
 * How a component is, from what is measured. `closed`: people work on its app. A green that is not true is worse than any
 * other colour, so a single request that nobody answered ends it, and so does what nobody knows.
 */
export function stateOf(services: readonly ServiceFacts[], closed: boolean): ComponentState {
  if (closed) return 'maintenance'
  const down = services.filter(one => one.down === true).length
  if (down > 0) return down === services.length ? 'major' : 'partial'
  const sum = (key: 'requests' | 'errors' | 'failed') => services.reduce((all, one) => all + one[key], 0)
  const [errors, share] = [sum('errors'), sum('errors') / Math.max(1, sum('requests'))]
  if (errors >= FEW && share >= 0.5) return 'major'
  // Of a quiet site two are enough, when they are all that came.
  if (errors > 1 && share === 1) return 'partial'
  if (errors >= FEW && share >= 0.1) return 'partial'
  if (services.some(one => one.down === null)) return 'unknown'
  return sum('failed') > 0 || (errors >= FEW && share >= 0.02) ? 'degraded' : 'operational'
}

/**
 * When an incident was over that people ended among themselves; null: it goes on, they said it in public, or they said
 * something else there after it, which counts more.
 */
export function silentEnd({ resolved, updates }: PublicIncident): number | null {
  const { as, at } = updates.at(-1)!
  return resolved === null || as === 'resolved' || at > resolved.at ? null : resolved.at
}

const BY_SEVERITY = { critical: 'major', major: 'partial', minor: 'degraded' } as const

/** How bad what was said of an incident is; once it is only watched, no outage goes on. */
export function claimOf(incident: PublicIncident): ComponentState {
  const { severity, updates } = incident
  const { as } = updates.at(-1)!
  if (as === 'resolved' || silentEnd(incident) !== null) return 'operational'
  return as === 'monitoring' ? 'degraded' : BY_SEVERITY[severity]
}

/** The components that an incident is about: those that its last update names. */
export const affects = ({ updates }: PublicIncident): readonly string[] => updates.at(-1)!.components

/** A component is as bad as it is measured, and as bad as people were told. */
export const withClaims = (
  name: string,
  measured: ComponentState,
  incidents: readonly PublicIncident[],
): ComponentState => worst([measured, ...incidents.filter(one => affects(one).includes(name)).map(claimOf)])

/** How all of it is. What goes on is not all right, also when it names no component. */
export function overallOf(
  components: readonly ComponentState[],
  incidents: readonly PublicIncident[],
): ComponentState {
  const claims = incidents.map(claimOf)
  const all = worst([...components, ...claims])
  const whole = components.every(state => state === 'major') || claims.includes('major')
  return all === 'major' && !whole ? 'partial' : all
}

export const HEADLINES: Record<ComponentState, string> = {
  operational: 'All systems operational',
  maintenance: 'Maintenance is under way',
  unknown: 'The state is not known at the moment',
  degraded: 'Some requests fail or are slow',
  partial: 'Partial outage',
  major: 'Major outage',
}

export const STATE_WORDS: Record<ComponentState, string> = {
  operational: 'Operational',
  maintenance: 'Maintenance',
  unknown: 'Not known',
  degraded: 'Degraded',
  partial: 'Partial outage',
  major: 'Major outage',
}
