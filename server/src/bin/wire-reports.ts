import { hostname } from 'node:os'
import type { TrafficHistory } from '../apps/checks/traffic.ts'
import { jobStore } from '../apps/jobs/store.ts'
import { localMachine } from '../drivers/host/machine.ts'
import type { People } from '../reach/people/people.ts'
import { reviewOf } from '../reach/people/routes.ts'
import { adviceOf, appOf, sentenceOf, severityOf } from '../watch/alerts/alert.ts'
import { type Alerts, KEEPER } from '../watch/alerts/alerts.ts'
import type { Checkins } from '../watch/checkins/checkins.ts'
import type { Incidents } from '../watch/incidents/incidents.ts'
import type { Maintenance } from '../watch/maintenance/maintenance.ts'
import type { Messages } from '../watch/messages/messages.ts'
import { forecasts } from '../watch/metrics/forecasts.ts'
import { notMeasured } from '../watch/metrics/none.ts'
import { GROUPS } from '../watch/metrics/rules.ts'
import type { Probes } from '../watch/probes/probes.ts'
import type { Sources, Span } from '../watch/reports/facts.ts'
import { createReports, type Reports } from '../watch/reports/reports.ts'
import { reportStore } from '../watch/reports/store.ts'
import type { Security } from '../watch/security/security.ts'
import type { Keeper } from './wire.ts'
import { linkOf } from './wire-alerts.ts'
import { reportTraffic } from './wire-report-traffic.ts'

/** More runs of one report are left out. */
const MOST_RUNS = 5_000

interface Beside {
  messages: Messages
  alerts: Alerts
  incidents: Incidents
  maintenance: Maintenance
  probes: Probes
  checkins: Checkins
  security: Security
  people: People
  traffic: TrafficHistory
}

export function wireReports(keeper: Keeper, beside: Beside): Reports {
  const { store, clock } = keeper
  return createReports({
    ...{ store: reportStore(store), messages: beside.messages, clock, started: clock.now() },
    server: hostname(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    link: linkOf(store),
    sources: {
      ...serving(keeper, beside),
      ...checking(keeper, beside),
      ...keeping(keeper),
      ...machine(keeper, beside),
    },
  })
}

const isoTime = (at: string | null): number | null => (at === null ? null : Date.parse(at))

function serving(keeper: Keeper, { alerts, incidents, maintenance, traffic }: Beside) {
  return {
    alarms: async () => (await alerts.now()).map(({ app = null, ...alarm }) => ({ ...alarm, app })),
    async alerts({ from }: Span) {
      const all = (await alerts.list()).filter(one => one.state === 'firing' || one.updatedAt >= from)
      return all.map(one => ({
        ...{ app: appOf(one), what: sentenceOf(one), level: severityOf(one.labels), fix: adviceOf(one) },
        ...{ firing: one.state === 'firing', since: one.since, own: one.source === KEEPER },
      }))
    },
    async incidents({ from }: Span) {
      const all = (await incidents.list()).filter(
        ({ resolved, openedAt }) => resolved === null || openedAt >= from,
      )
      return all.map(({ resolved, ...one }) => ({ ...one, resolvedAt: resolved?.at ?? null }))
    },
    traffic: reportTraffic(keeper, traffic),
    runs: async ({ from, to }: Span) => keeper.runHeads(from, to, MOST_RUNS),
    async maintenance({ from, to }: Span) {
      return (await maintenance.list()).filter(
        ({ beginsAt, state }) =>
          state === 'planned' || state === 'on' || (beginsAt >= from && beginsAt <= to),
      )
    },
  } satisfies Partial<Sources>
}

function checking(keeper: Keeper, { probes, checkins, security }: Beside) {
  return {
    async checks() {
      const asked = await probes.list()
      const n = GROUPS.reduce((sum, { rules }) => sum + rules.length, 0)
      return [
        ...asked.map(({ probing: { app } }) => ({ app, by: 'probe', n: 1 })),
        ...(keeper.prometheus === null ? [] : [{ app: null, by: 'alert rule', n }]),
      ]
    },
    jobs: ({ from, to }: Span) => jobStore(keeper.store).counts(from, to),
    checkins: async () =>
      (await checkins.list()).map(({ app, name, judged }) => ({ app, name, state: judged.state })),
    async security() {
      const { findings, unknown } = await security.report({ app: null, again: false })
      return [
        ...findings.map(({ app, severity }) => ({ app, severity })),
        ...unknown.map(({ app }) => ({ app, severity: 'unknown' as const })),
      ]
    },
  } satisfies Partial<Sources>
}

/** What brings data back. */
function keeping({ apps, backups, drills, backupPorts }: Keeper) {
  return {
    async backups({ from }: Span) {
      const { places, points } = await backups.report(null, true)
      const taken = points.filter(({ state, at }) => state === 'good' && Date.parse(at) >= from)
      const found = places.map(({ app, name, lastGood, problem }, n) => {
        const owner = app === 'keeper' ? null : app
        // Points are of an app: they are counted once, with its first place.
        const first = places.findIndex(one => one.app === app) === n
        const own = first ? taken.filter(point => point.app === owner).length : 0
        return { app: owner, place: name as string | null, lastGood: isoTime(lastGood), problem, points: own }
      })
      const rest = (await apps.all()).filter(({ name }) => !places.some(({ app }) => app === name))
      // `backups: false` is the word of a person.
      const wanted = await Promise.all(rest.map(async ({ name }) => (await backupPorts.of(name).policy()).on))
      const bare = rest.filter((_, n) => wanted[n])
      return [
        ...found,
        ...bare.map(({ name }) => ({ app: name, place: null, lastGood: null, problem: null, points: 0 })),
      ]
    },
    drills: async () =>
      (await drills.list()).map(({ app, state, startedAt, rtoMs, id }) => ({
        ...{ app, state, at: Date.parse(startedAt), rtoMs, id },
      })),
  } satisfies Partial<Sources>
}

function machine({ prometheus, clock, certificates, audit }: Keeper, { people }: Beside) {
  return {
    async forecasts() {
      if (prometheus === null) throw notMeasured()
      const all = await forecasts(prometheus, clock.now())
      return all.map(({ perDay, ...one }) => ({ ...one, trend: perDay !== null }))
    },
    async updates() {
      // A keeper that nobody asks does without.
      const { observeUpkeep } = await import('../servers/setup/report.ts')
      const { updates, heard, restart } = await observeUpkeep(localMachine())
      const security = updates.filter(one => one.security).length
      return [{ app: null, security, all: updates.length, heard: isoTime(heard), restart }]
    },
    certificates: async () =>
      (await certificates.list()).map(({ app, state, to, renewal }) => ({
        ...{ app, state, to: isoTime(to), renewal: isoTime(renewal) },
      })),
    async access() {
      if (!people.any()) return []
      const { people: all, tokens, findings, reviewedAt } = await reviewOf({ people, audit }, clock.now())
      return [
        {
          ...{ app: null, people: all.length, tokens: tokens.length, questions: findings.length },
          reviewedAt: isoTime(reviewedAt),
        },
      ]
    },
  } satisfies Partial<Sources>
}
