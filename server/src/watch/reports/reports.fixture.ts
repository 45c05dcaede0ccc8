import { type Facts, type Items, type Known, type Sources, type Subject, spanOf } from './facts.ts'

export const NOW = Date.parse('2026-11-30T08:00:00Z')
export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const WEEK = spanOf('week', NOW)

const figures = { requests: 1_000, errors: 1, p95: 0.1 }

/** A server with which nothing is wrong. */
const WELL: { [K in Subject]: Array<Items[K]> } = {
  alarms: [],
  alerts: [],
  incidents: [],
  traffic: [{ app: 'shop', now: figures, before: figures, slots: [], measured: 1 }],
  runs: [{ app: 'shop', kind: 'deploy', title: 'deploy shop r4', outcome: 'done' }],
  maintenance: [],
  checks: [
    { app: 'shop', by: 'probe', n: 2 },
    { app: null, by: 'alert rule', n: 30 },
  ],
  checkins: [{ app: 'shop', name: 'nightly', state: 'good' }],
  jobs: [{ app: 'shop', name: 'reminders', good: 7, failed: 0, missed: 0, since: null }],
  backups: [{ app: 'shop', place: 'disk', lastGood: NOW - 5 * HOUR, problem: null, points: 7 }],
  drills: [{ app: 'shop', state: 'proven', at: NOW - DAY, rtoMs: 240_000, id: 'd1' }],
  forecasts: [{ kind: 'disk', app: null, of: '/', share: 0.4, fullAt: null, trend: true }],
  updates: [{ app: null, security: 0, all: 3, heard: NOW - 6 * HOUR, restart: null }],
  security: [{ app: 'shop', severity: 'low' }],
  certificates: [{ app: 'shop', state: 'good', to: NOW + 60 * DAY, renewal: NOW + 30 * DAY }],
  access: [{ app: null, people: 4, tokens: 2, questions: 0, reviewedAt: NOW - 12 * DAY }],
}

type Changed = { [K in Subject]?: Array<Items[K]> | { why: string } }

export function factsWith(changed: Changed = {}): Facts {
  const known = Object.entries({ ...WELL, ...changed }).map(([name, one]) => [
    name,
    Array.isArray(one) ? { items: one } : one,
  ])
  return Object.fromEntries(known) as Facts
}

/** What is asked for a report, as these facts have it. */
export function sourcesWith(changed: Changed = {}): Sources {
  const sources = Object.entries(factsWith(changed)).map(([name, known]: [string, Known<unknown>]) => [
    name,
    async () => {
      if ('why' in known) throw new Error(known.why)
      return known.items
    },
  ])
  return Object.fromEntries(sources) as Sources
}
