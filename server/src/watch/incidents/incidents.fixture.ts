import type { Alert } from '../alerts/alert.ts'
import type { World } from '../alerts/policy.ts'
import type { Incident } from './incident.ts'
import type { Open } from './rule.ts'

export const MINUTE = 60_000
export const NOW = 100_000 * MINUTE

/** A critical alert of the shop that fires since a minute. */
export const alert = (name: string, more: Partial<Alert> = {}): Alert => ({
  ...{ source: 'keeper', fingerprint: name, url: null, startsAt: null, endsAt: null, state: 'firing' },
  labels: { alertname: name, severity: 'critical', app: 'shop' },
  annotations: { summary: `${name} is wrong` },
  ...{ occurrence: `o-${name}`, since: NOW - MINUTE, updatedAt: NOW, overAt: null, openings: [NOW - MINUTE] },
  ...{ told: {}, acked: null },
  ...more,
})

export const world = (alerts: readonly Alert[], more: Partial<World> = {}): World => ({
  ...{ alerts, silences: [], quiet: new Set<string>(), routes: [], channels: ['ops'], now: NOW },
  ...more,
})

/** An incident of the shop that the keeper opened a minute ago. */
export const incident = (more: Partial<Open> = {}): Open => ({
  ...{ id: 12, app: 'shop', title: 'shop is down', severity: 'critical', impact: null, lead: null },
  ...{ beganAt: NOW - 2 * MINUTE, openedAt: NOW - MINUTE, openedBy: 'keeper', acked: null, resolved: null },
  ...{ requests: 0, errors: 0, occurrences: ['o-app.down'] },
  ...more,
})

export const resolved = (at: number, more: Partial<Incident> = {}): Incident => {
  const { occurrences: _, ...one } = incident({ resolved: { by: 'anna', at } })
  return { ...one, ...more }
}
