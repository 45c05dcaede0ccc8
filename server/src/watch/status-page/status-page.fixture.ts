import type { Update } from '../incidents/incident.ts'
import { NOW } from '../incidents/incidents.fixture.ts'
import type { PublicIncident } from '../incidents/updates.ts'
import type { Window } from '../maintenance/rule.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export const update = (more: Partial<Update> = {}): Update => ({
  ...{ id: 1, at: NOW - MINUTE, by: 'anna', as: 'investigating', title: null, say: 'Some bookings fail.' },
  components: [],
  ...more,
})

/** What people who work here know of it must not be read by anybody else. */
export const publicIncident = (more: Partial<PublicIncident> = {}): PublicIncident => ({
  ...{
    id: 12,
    app: 'shop',
    title: 'SECRET db-1 10.0.0.7 is full',
    severity: 'major',
    impact: 'SECRET impact',
  },
  ...{ lead: 'SECRET lead', beganAt: NOW - HOUR, openedAt: NOW - HOUR, openedBy: 'SECRET opener' },
  ...{ acked: { by: 'SECRET', at: NOW }, resolved: null, requests: 0, errors: 0, updates: [update()] },
  ...more,
})

export const window = (more: Partial<Window> = {}): Window => ({
  ...{ id: 4, app: 'shop', state: 'planned', beginsAt: NOW + 20 * HOUR, endsAt: NOW + 21 * HOUR },
  ...{ text: 'New <rooms>', allow: ['10.9.8.7'], commands: ['SECRET command'], by: 'SECRET planner' },
  ...{ told: ['day'], run: 'SECRET-run' },
  ...more,
})
