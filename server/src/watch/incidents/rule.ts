import { type Alert, appOf, sentenceOf, severityOf } from '../alerts/alert.ts'
import { mutedBy, type World } from '../alerts/policy.ts'
import { type Incident, KEEPER, type NewIncident, type Stamp } from './incident.ts'
import type { IncidentSeverity } from './wire.ts'

/** What came back sooner would be the same occurrence of the alert. */
export const CALM_MS = 10 * 60_000
/** What changed so long before may be the cause, and stands in the timeline. */
export const BEFORE_MS = 60 * 60_000

/** So long after its end what belongs to it is still gathered: the keeper says ten minutes late that it is over, and messages follow. */
export const AFTER_MS = 30 * 60_000

/** Critical, and nothing is down: work that was left lying, or what incidents themselves ask for. */
const NO_INCIDENT = /^(backup\.overdue|drill\.overdue|channel\.stuck|alarms\.unknown|incident\..*)$/
/** Visitors get no answer. */
const ALL_DOWN = /^(app\.down|part\.down|HostDown|NodeDown|ServerDown)$/

/** An open incident with the occurrences of alerts that belong to it. */
export interface Open extends Incident {
  occurrences: readonly string[]
}

export interface Decision {
  open: Array<NewIncident & { occurrences: string[] }>
  /** Occurrences that come to an open incident. */
  join: Array<{ incident: number; occurrence: string }>
  acknowledge: Array<{ incident: number; stamp: Stamp }>
  /** At the moment when the last of its alerts was over. */
  resolve: Array<{ incident: number; stamp: Stamp }>
}

/** What critical alerts make of incidents. The same alerts, asked again after it was done, have nothing more to say. */
export function decide(
  world: World,
  opened: readonly Open[],
  taken: ReadonlyMap<string, number | null>,
): Decision {
  const decision: Decision = { open: [], join: [], acknowledge: [], resolve: [] }
  for (const alert of world.alerts.filter(one => opens(one, world) && !isTaken(one, taken)))
    place(decision, alert, opened, world.now)
  for (const incident of opened) {
    const joined = decision.join.filter(one => one.incident === incident.id).map(one => one.occurrence)
    const ids = [...incident.occurrences, ...joined]
    const own = world.alerts.filter(one => ids.includes(one.occurrence))
    const acked = incident.acked === null ? ackOf(own) : null
    if (acked !== null) decision.acknowledge.push({ incident: incident.id, stamp: acked })
    const over = incident.openedBy === KEEPER ? overSince(own, incident) : null
    if (over !== null && world.now - over >= CALM_MS)
      decision.resolve.push({ incident: incident.id, stamp: { by: KEEPER, at: over } })
  }
  return decision
}

/** What a person resolved while it went on is theirs; what comes again after that is news. */
function isTaken({ occurrence, openings }: Alert, taken: ReadonlyMap<string, number | null>): boolean {
  const resolvedAt = taken.get(occurrence)
  return resolvedAt === null || (resolvedAt !== undefined && openings.at(-1)! <= resolvedAt)
}

const opens = (alert: Alert, world: World): boolean =>
  alert.state === 'firing' &&
  severityOf(alert.labels) === 'late' &&
  !NO_INCIDENT.test(alert.labels['alertname'] ?? '') &&
  mutedBy(alert, world) === null

/** All that goes wrong with an app at a time is one incident; and so is what goes wrong with the server. */
function place({ open, join }: Decision, alert: Alert, opened: readonly Open[], now: number): void {
  const app = appOf(alert)
  const there = opened.find(one => one.app === app)
  if (there !== undefined) return void join.push({ incident: there.id, occurrence: alert.occurrence })
  const begun = open.find(one => one.app === app)
  if (begun !== undefined) {
    begun.occurrences.push(alert.occurrence)
    begun.beganAt = Math.min(begun.beganAt, alert.since)
    if (howBad(alert) === 'critical') begun.severity = 'critical'
    return
  }
  open.push({
    ...{ app, title: sentenceOf(alert), severity: howBad(alert), impact: null, lead: null },
    ...{ beganAt: alert.since, openedAt: now, openedBy: KEEPER, occurrences: [alert.occurrence] },
  })
}

const howBad = ({ labels }: Alert): IncidentSeverity =>
  ALL_DOWN.test(labels['alertname'] ?? '') ? 'critical' : 'major'

/** Whoever took one of its alerts in hand has the incident in hand. */
const ackOf = (own: readonly Alert[]): Stamp | null =>
  own
    .flatMap(({ acked }) => acked ?? [])
    .sort((a, b) => a.at - b.at)
    .at(0) ?? null

/** Since when all its alerts are over; null: one of them is not, or nobody knows. */
function overSince(own: readonly Alert[], { openedAt }: Incident): number | null {
  if (own.length === 0 || own.some(({ state }) => state !== 'over')) return null
  return Math.max(openedAt, ...own.map(one => one.overAt ?? 0))
}

const GAP_MS = 60_000

/**
 * When it began to go wrong for visitors: the first of the errors that lead to the alert without a pause of a minute.
 * `errors`: moments at which the edge counted errors, in any order.
 */
export function beganWith(since: number, errors: readonly number[]): number {
  let began = since
  for (const at of errors.filter(one => one <= since).sort((a, b) => b - a)) {
    if (began - at > GAP_MS) break
    began = at
  }
  return began
}
