import type { RunRow } from '../../engine/journal.ts'
import { HOW_BAD } from '../../kernel/words.ts'
import type { AuditEntry } from '../../reach/audit/wire.ts'
import type { Alert } from '../alerts/alert.ts'
import { appOf, sentenceOf, severityOf } from '../alerts/alert.ts'
import type { Entry, Incident } from './incident.ts'
import { AFTER_MS, BEFORE_MS } from './rule.ts'

/** A message that was delivered, and when. */
export interface Told {
  id: number
  channel: string
  title: string
  at: number
}

export interface Facts {
  alerts: readonly Alert[]
  runs: readonly RunRow[]
  /** What people did; its `outcome` is what became of it. */
  acts: readonly AuditEntry[]
  told: readonly Told[]
  /** What commands printed at the end, by the id of their entry in the audit log. */
  printed: ReadonlyMap<number, string>
}

/** All of what happened that belongs to an incident. Of alerts of the whole server, only those that are its own. */
export function entriesOf(incident: Incident, own: readonly string[], facts: Facts): Entry[] {
  const until = incident.resolved?.at ?? Number.POSITIVE_INFINITY
  const isOf = (app: string | null) => incident.app === null || app === incident.app
  return [
    ...facts.alerts
      .filter(one => own.includes(one.occurrence) || near(one, incident))
      .flatMap(one => ofAlert(one, incident)),
    ...facts.runs.filter(({ plan }) => isOf(plan.app) && !CHANGES_NOTHING.test(plan.kind)).flatMap(ofRun),
    ...facts.acts
      .filter(act => isOf(act.app) && act.run === null && !SAID_ELSEWHERE.test(act.action))
      // Who signed in and who made tokens is for admins, wherever it stands.
      .filter(act => incident.app !== null || ON_SERVER.test(act.action))
      .map(act => ofAct(act, facts.printed)),
    ...facts.told.map(ofTold),
  ].filter(({ at, kind }) => {
    if (kind === 'alert') return true
    if (kind === 'change') return at >= incident.beganAt - BEFORE_MS && at <= until
    return (
      at >= Math.min(incident.beganAt, incident.openedAt) && at <= until + (kind === 'told' ? AFTER_MS : 0)
    )
  })
}

/** What these do, nobody outside could notice. */
const CHANGES_NOTHING = /^(backup|verify|drill|rebuild|ahead|retire|sleep|wake)$/

/** What people do about a server that is not well. */
const ON_SERVER = /^(run|db kill|job|maintenance)\b/

/** The incident itself writes down what was done with it. */
const SAID_ELSEWHERE = /^(incident\b|ack$)/

/** Also what is only a warning is worth knowing where it is about the same app. */
const near = (alert: Alert, { app, beganAt, resolved }: Incident): boolean =>
  app !== null &&
  appOf(alert) === app &&
  alert.since >= beganAt - BEFORE_MS &&
  alert.since <= (resolved?.at ?? Number.POSITIVE_INFINITY)

/** Whoever has the incident in hand has its alerts in hand, which is not said twice. */
const WITH_INCIDENT_MS = 5_000

function ofAlert(alert: Alert, { acked: held }: Incident): Entry[] {
  const { occurrence, since, overAt, state, acked } = alert
  const what = sentenceOf(alert)
  const level = HOW_BAD[severityOf(alert.labels)]
  const entry = (name: string, at: number, said: string, who: string | null = null): Entry => ({
    ...{ key: `alert:${occurrence}:${name}`, at, kind: 'alert', who, what: said, detail: null },
  })
  return [
    entry('begun', since, `${level}: ${what}`),
    ...(acked === null || (held !== null && Math.abs(acked.at - held.at) < WITH_INCIDENT_MS)
      ? []
      : [entry('acked', acked.at, `in hand: ${what}`, acked.by)]),
    ...(overAt === null
      ? []
      : [entry('over', overAt, `${state === 'over' ? 'over' : 'not reported any more'}: ${what}`)]),
  ]
}

function ofRun({ id, plan, actor, startedAt, endedAt, outcome, failure, steps }: RunRow): Entry[] {
  const begun: Entry = {
    ...{ key: `run:${id}:begun`, at: startedAt, kind: 'change', who: actor },
    ...{ what: plan.title, detail: null },
  }
  if (endedAt === null) return [begun]
  const notes = steps.flatMap(({ phase, index, note }) => {
    const does = phase === 'steps' ? plan.steps[index]?.does : undefined
    return note !== null && does?.kind === 'release.migrate' ? [`migrations: ${note}`] : []
  })
  const said = [...(failure === null ? [] : [failure.what]), ...notes].join('; ')
  const ended: Entry = {
    ...{ key: `run:${id}:ended`, at: endedAt, kind: 'change', who: null },
    ...{ what: `${plan.title}: ${outcome}`, detail: said === '' ? null : said },
  }
  return [begun, ended]
}

function ofAct({ id, at, actor, action, detail, outcome }: AuditEntry, printed: Facts['printed']): Entry {
  const end = outcome === 'done' ? [] : [outcome]
  return {
    ...{
      key: `audit:${id}`,
      at: Date.parse(at),
      kind: 'command',
      who: actor,
      what: `${action} ${detail}`.trim(),
    },
    detail: [...end, ...(printed.has(id) ? [printed.get(id)!] : [])].join('\n') || null,
  }
}

const ofTold = ({ id, channel, title, at }: Told): Entry => ({
  ...{
    key: `message:${id}`,
    at,
    kind: 'told',
    who: null,
    what: `${channel} was told: ${title}`,
    detail: null,
  },
})
