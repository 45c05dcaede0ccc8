import type { IncidentEntry, IncidentSeverity, PublicUpdate } from './wire.ts'

export const KEEPER = 'keeper'

/** Times in milliseconds since 1970. */
export interface Incident {
  id: number
  app: string | null
  title: string
  severity: IncidentSeverity
  impact: string | null
  lead: string | null
  beganAt: number
  openedAt: number
  /** `keeper`: by a critical alert. */
  openedBy: string
  acked: Stamp | null
  resolved: Stamp | null
  requests: number
  errors: number
}

export interface Stamp {
  by: string
  at: number
}

/** What is known of an incident before it has a number. */
export type NewIncident = Omit<Incident, 'id' | 'acked' | 'resolved' | 'requests' | 'errors'>

/** One line of the timeline. `key`: what it is about, so that gathering it again changes it and adds none. */
export interface Entry extends Omit<IncidentEntry, 'at'> {
  key: string
  at: number
}

/** What was said of it in public. */
export interface Update extends Omit<PublicUpdate, 'at'> {
  at: number
}

/** Something that is to be done after it. */
export interface Follow {
  id: number
  incident: number
  /** That of its incident. */
  app: string | null
  what: string
  dueAt: number
  by: string
  done: Stamp | null
}
