import { iso } from '../../kernel/moments.ts'
import type { PublicIncident } from '../incidents/updates.ts'
import type { Window } from '../maintenance/rule.ts'
import { affects, HEADLINES, overallOf, silentEnd, withClaims } from './rule.ts'
import { type Counts, daysOf, uptimeOf } from './rule-days.ts'
import { OVER, titleOf } from './rule-news.ts'
import type { ComponentState, IncidentOnPage, MaintenanceOnPage, PageView } from './wire.ts'

const DAY_MS = 86_400_000
/** How long what is over stays on the page. */
export const PAST_MS = 15 * DAY_MS

export interface PageFacts {
  title: string
  now: number
  /** As it is measured. */
  components: ReadonlyArray<{ name: string; state: ComponentState; of(day: string): Counts | undefined }>
  incidents: readonly PublicIncident[]
  windows: readonly Window[]
}

/** What stands on the status page of an app. Nothing else of an incident or a maintenance gets past this. */
export function pageOf({ title, now, components, incidents, windows }: PageFacts): PageView {
  const shown = components.map(({ name, state, of }) => {
    const days = daysOf(of, now)
    return {
      name,
      state: withClaims(name, state, incidents),
      uptime: uptimeOf(days.map(day => ({ until: 0, ...day }))),
      days,
    }
  })
  const state = overallOf(
    shown.map(one => one.state),
    incidents,
  )
  return {
    ...{ title, state, headline: HEADLINES[state], writtenAt: iso(now), components: shown },
    incidents: incidents.map(incidentOnPage),
    maintenance: windows.filter(one => isPublic(one, now)).map(maintenanceOnPage),
  }
}

/** What everybody may read in status.json: no more than stands on the page. */
export const publicOf = (page: PageView) => ({
  ...page,
  components: page.components.map(one => ({
    ...one,
    days: one.days.map(({ requests: _, errors: __, ...day }) => day),
  })),
})

function incidentOnPage(one: PublicIncident): IncidentOnPage {
  const end = silentEnd(one)
  const said = one.updates.map(({ at, as, say }) => ({ at: iso(at), state: as, text: say }))
  const all = end === null ? said : [...said, { at: iso(end), state: 'resolved' as const, text: OVER }]
  const last = all.at(-1)!
  return {
    ...{ id: one.id, title: titleOf(one), state: last.state, severity: one.severity },
    components: [...affects(one)],
    // When it was noticed first is for people who work here; what people outside were told began with the first word.
    beganAt: all[0]!.at,
    resolvedAt: last.state === 'resolved' ? last.at : null,
    updates: all.toReversed(),
  }
}

/** What is planned is not said before the day before, when it is announced. */
const isPublic = ({ state, told, endsAt }: Window, now: number): boolean =>
  state === 'on' || (state === 'planned' && told.length > 0) || (state === 'over' && now - endsAt < PAST_MS)

const maintenanceOnPage = ({ id, state, text, beginsAt, endsAt }: Window): MaintenanceOnPage => ({
  ...{ id, state: state as MaintenanceOnPage['state'], text },
  ...{ beginsAt: iso(beginsAt), endsAt: iso(endsAt) },
})
