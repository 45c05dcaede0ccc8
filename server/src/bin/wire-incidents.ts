import { randomUUID } from 'node:crypto'
import type { TrafficHistory } from '../apps/checks/traffic.ts'
import type { Alerts } from '../watch/alerts/alerts.ts'
import { createIncidents, type Incidents } from '../watch/incidents/incidents.ts'
import { incidentStore } from '../watch/incidents/store.ts'
import { updateStore } from '../watch/incidents/updates.ts'
import type { Messages } from '../watch/messages/messages.ts'
import type { Keeper } from './wire.ts'

/** So many runs, and entries of the audit log, are looked through for what belongs to an incident. */
const LATEST = 60

interface Beside {
  alerts: Alerts
  messages: Pick<Messages, 'delivered'>
  traffic: TrafficHistory
  /** Components of the status page of an app. */
  components(app: string | null): Promise<string[] | null>
}

export const wireIncidents = (
  { store, clock, runs, audit }: Keeper,
  { alerts, messages, traffic, components }: Beside,
): Incidents =>
  createIncidents({
    ...{ store: { ...incidentStore(store), ...updateStore(store) }, alerts, traffic, clock, components },
    runs: app => runs(app, LATEST),
    acts: app => audit.list({ limit: LATEST, ...(app === null ? {} : { app }) }),
    told: occurrences => messages.delivered(occurrences),
    newId: () => randomUUID(),
  })
