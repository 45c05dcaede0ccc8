import { randomUUID } from 'node:crypto'
import type { TrafficHistory } from '../apps/checks/traffic.ts'
import type { Alerts } from '../watch/alerts/alerts.ts'
import { createIncidents, type Incidents } from '../watch/incidents/incidents.ts'
import { incidentStore } from '../watch/incidents/store.ts'
import type { Messages } from '../watch/messages/messages.ts'
import type { Keeper } from './wire.ts'

/** So many runs, and entries of the audit log, are looked through for what belongs to an incident. */
const LATEST = 60

interface Beside {
  alerts: Alerts
  messages: Pick<Messages, 'delivered'>
  traffic: TrafficHistory
}

export const wireIncidents = (
  { store, clock, runs, audit }: Keeper,
  { alerts, messages, traffic }: Beside,
): Incidents =>
  createIncidents({
    ...{ store: incidentStore(store), alerts, traffic, clock },
    runs: app => runs(app, LATEST),
    acts: app => audit.list({ limit: LATEST, ...(app === null ? {} : { app }) }),
    told: occurrences => messages.delivered(occurrences),
    newId: () => randomUUID(),
  })
