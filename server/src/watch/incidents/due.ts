import { showDuration } from '../../kernel/durations.ts'
import { minuteOf } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Alert } from '../alerts/alert.ts'
import { type Follow, type Incident, KEEPER } from './incident.ts'
import type { Open } from './rule.ts'

/** An incident whose alerts are over for so long is asked about. */
const QUIET_MS = 60 * 60_000

interface Facts {
  /** Those that are not resolved. */
  opened: readonly Open[]
  alerts: readonly Alert[]
  /** Those that are not done. */
  followUps: readonly Follow[]
}

/** What incidents ask of people: that somebody takes one in hand, ends it, or does what was decided after it. */
export function due({ opened, alerts, followUps }: Facts, now: number): Alarm[] {
  return [
    ...opened.filter(({ openedBy, acked }) => openedBy !== KEEPER && acked === null).map(unheld),
    ...opened.filter(one => isQuiet(one, alerts, now)).map(quiet),
    ...followUps.filter(({ dueAt }) => dueAt <= now).map(undone),
  ]
}

/** One that the keeper opened is told of by its alerts. */
const unheld = ({ id, title, app, severity }: Incident): Alarm => ({
  code: 'incident.open',
  level: severity === 'minor' ? 'soon' : 'late',
  what: `incident ${id} (${severity}): ${title}`,
  fix: `\`inn incident ack ${id}\` says that you have it in hand; \`inn incident show ${id}\` what is known`,
  ...ofApp(app),
})

function isQuiet({ occurrences, acked, openedAt }: Open, alerts: readonly Alert[], now: number): boolean {
  const own = alerts.filter(one => occurrences.includes(one.occurrence))
  if (own.some(({ state }) => state === 'firing')) return false
  const last = Math.max(openedAt, acked?.at ?? 0, ...own.map(one => one.overAt ?? 0))
  return now - last >= QUIET_MS
}

const quiet = ({ id, title, app }: Incident): Alarm => ({
  code: 'incident.quiet',
  level: 'soon',
  what: `incident ${id} is open, and no alert of it fires for ${showDuration(QUIET_MS)} and more: ${title}`,
  fix: `\`inn incident resolve ${id} 'what helped'\` ends it`,
  ...ofApp(app),
})

const undone = ({ id, incident, app, what, dueAt }: Follow): Alarm => ({
  code: 'incident.follow-up',
  level: 'soon',
  what: `after incident ${incident} this was to be done by ${minuteOf(dueAt).slice(0, 10)}: ${what}`,
  fix: `\`inn incident done ${id}\` when it is, or when nobody needs it any more`,
  ...ofApp(app),
})

const ofApp = (app: string | null) => (app === null ? {} : { app })
