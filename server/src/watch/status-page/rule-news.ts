import { minuteOf } from '../../kernel/moments.ts'
import { list } from '../../kernel/words.ts'
import type { PublicIncident } from '../incidents/updates.ts'
import type { PublicState } from '../incidents/wire.ts'
import type { Window } from '../maintenance/rule.ts'
import { affects, silentEnd } from './rule.ts'

const HOUR_MS = 3_600_000
/** What happened longer ago is no news to anybody. */
export const NEWS_MS = 24 * HOUR_MS

/** One thing that people outside are told, once. `key`: what it is about, which never changes. */
export interface News {
  key: string
  at: number
  title: string
  text: string
}

export const SAID: Record<PublicState, string> = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
}

const BY_SEVERITY = {
  critical: 'Major outage',
  major: 'Partial outage',
  minor: 'Degraded performance',
} as const

/** What an incident is called in public. Its own title may be the text of an alert, which is for people who work here. */
export function titleOf(incident: PublicIncident): string {
  const said = incident.updates.flatMap(one => one.title ?? []).at(-1)
  if (said !== undefined) return said
  const of = affects(incident)
  return of.length === 0 ? BY_SEVERITY[incident.severity] : `${BY_SEVERITY[incident.severity]}: ${list(of)}`
}

export const OVER = 'This incident is over.'

function ofIncident(incident: PublicIncident): News[] {
  const title = titleOf(incident)
  const end = silentEnd(incident)
  return [
    ...incident.updates.map(({ id, at, as, say }) => ({
      ...{ key: `incident:${incident.id}:${id}`, at },
      ...{ title: `${SAID[as]}: ${title}`, text: say },
    })),
    ...(end === null
      ? []
      : [{ key: `incident:${incident.id}:over`, at: end, title: `${SAID.resolved}: ${title}`, text: OVER }]),
  ]
}

export const when = ({ beginsAt, endsAt }: Pick<Window, 'beginsAt' | 'endsAt'>): string =>
  `${minuteOf(beginsAt)} to ${minuteOf(endsAt)}`

function ofMaintenance(window: Window, now: number): News[] {
  const { id, state, told, beginsAt, endsAt, text } = window
  const news = (which: string, at: number, title: string): News[] => [
    {
      key: `maintenance:${id}:${which}`,
      at,
      title,
      text: [text, `${when(window)}.`].filter(Boolean).join('\n'),
    },
  ]
  const announced = told.length > 0
  if (state === 'planned')
    return told.includes('hour')
      ? news('hour', now, `Maintenance begins ${minuteOf(beginsAt)}`)
      : announced
        ? news('day', now, `Maintenance is planned for ${minuteOf(beginsAt)}`)
        : []
  if (state === 'on') return news('begin', beginsAt, 'Maintenance has begun')
  if (state === 'over') return news('end', Math.min(endsAt, now), 'Maintenance is over')
  if (!announced) return []
  return state === 'cancelled'
    ? news('cancel', now, 'Maintenance is cancelled')
    : news('miss', Math.min(endsAt, now), 'Maintenance did not take place')
}

/** What there is to be told, oldest first; `known`: keys of what was told before. */
export function newsOf(
  { incidents, windows }: { incidents: readonly PublicIncident[]; windows: readonly Window[] },
  known: ReadonlySet<string>,
  now: number,
): News[] {
  const young = windows.filter(one => now - one.endsAt < NEWS_MS)
  return [...incidents.flatMap(ofIncident), ...young.flatMap(one => ofMaintenance(one, now))]
    .filter(({ key, at }) => !known.has(key) && now - at < NEWS_MS)
    .sort((a, b) => a.at - b.at)
}
