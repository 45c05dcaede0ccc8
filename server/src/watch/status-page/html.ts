import { createHash } from 'node:crypto'
import { showDuration } from '../../kernel/durations.ts'
import { minuteOf } from '../../kernel/moments.ts'
import { escapeXml } from '../../kernel/quote.ts'
import { list } from '../../kernel/words.ts'
import { STATE_WORDS } from './rule.ts'
import { percent, SHOWN_DAYS } from './rule-days.ts'
import { SAID } from './rule-news.ts'
import { SCRIPT, STYLE } from './style.ts'
import type {
  ComponentState,
  ComponentView,
  DayView,
  IncidentOnPage,
  MaintenanceOnPage,
  PageView,
} from './wire.ts'

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** What a page may do: its own style and script, its own form, and nothing that lies elsewhere. */
const POLICY = [
  "default-src 'none'",
  `style-src ${digest(STYLE)}`,
  `script-src ${digest(SCRIPT)}`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
].join('; ')

const ICONS: Record<ComponentState, string> = {
  operational: 'M7 12.5l3.4 3.4L17 9.3',
  maintenance: 'M12 7v5l3 2',
  unknown: 'M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.6v.1',
  degraded: 'M12 7.5v5.5M12 16.4v.1',
  partial: 'M12 7.5v5.5M12 16.4v.1',
  major: 'M8.5 8.5l7 7M15.5 8.5l-7 7',
}
const FAVICONS: Record<ComponentState, string> = {
  ...{ operational: '2fb67f', maintenance: '5b8def', unknown: '8a93a1' },
  ...{ degraded: 'e0a21b', partial: 'ee8240', major: 'dd4a41' },
}

const icon = (state: ComponentState): string =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="${ICONS[state]}"/></svg>`

const time = (at: string): string => `<time datetime="${at}">${minuteOf(Date.parse(at))}</time>`

interface Shell {
  title: string
  state: ComponentState
  /** Attributes of the root, with a space before them. */
  root?: string
  head?: string
  body: string
}

/** A whole page around what it says. */
export const shell = ({ title, state, root = '', head = '', body }: Shell): string => `<!doctype html>
<html lang="en"${root}><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeXml(title)}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%23${FAVICONS[state]}'/%3E%3C/svg%3E">
${head}<style>${STYLE}</style></head><body>
${body}
</body></html>
`

const TROUBLE: ReadonlySet<ComponentState> = new Set(['degraded', 'partial', 'major'])

/** The status page. `mails`: whether there is a form to subscribe. */
export function htmlOf(page: PageView, { mails }: { mails: boolean }): string {
  const { title, state, headline, writtenAt, components, incidents, maintenance } = page
  const open = incidents.filter(one => one.resolvedAt === null)
  const going = maintenance.filter(one => one.state === 'on')
  const planned = maintenance.filter(one => one.state === 'planned')
  const body = `<header><h1>${escapeXml(title)}</h1>
<div class="banner old unknown" role="status"><p><strong>How it is now is not known</strong>
<span class="soft">This page was last written ${time(writtenAt)} and is kept up no more at the moment. What it says below was so then.</span></p></div>
<div class="banner now ${state}" role="status">${icon(state)}<p><strong>${headline}</strong>
<span class="soft">As of ${time(writtenAt)}${open.length === 0 && TROUBLE.has(state) ? '. This was noticed by itself; what is known follows here.' : ''}</span></p></div></header>
<main>
${section('Happening now', [...open.map(incident), ...going.map(work)])}
${section('Planned maintenance', planned.map(work))}
<h2>Components</h2><div class="card">
${components.map(component).join('\n')}</div>
${past(page)}
${mails ? SUBSCRIBE : ''}
</main>
<footer><p>Uptime is measured where requests come in. Days are those of UTC; planned maintenance does not count, and grey is what nobody measured.</p>
<p><a href="feed.xml">RSS feed</a> · <a href="status.json">JSON</a></p></footer>
<script>${SCRIPT}</script>`
  return shell({
    ...{ title: `${title}: ${headline}`, state, body, root: ` data-written="${writtenAt}"` },
    head: `<meta name="description" content="${escapeXml(headline)}"><link rel="alternate" type="application/rss+xml" title="${escapeXml(title)}" href="feed.xml">\n`,
  })
}

const section = (title: string, cards: readonly string[]): string =>
  cards.length === 0 ? '' : `<h2>${title}</h2>\n${cards.join('\n')}`

function component({ name, state, uptime, days }: ComponentView): string {
  const lately = days.slice(-SHOWN_DAYS)
  const bad = lately.filter(day => day.known > 0 && !['operational', 'unknown'].includes(day.state))
  const share = uptime === null ? 'not measured yet' : `${percent(uptime)} uptime`
  // Where fewer days are shown it is said of how many the figure is.
  const shown =
    uptime === null
      ? share
      : `${percent(uptime)}<span class="long"> uptime</span><span class="short"> in ${SHOWN_DAYS} days</span>`
  return `<section class="component ${state}"><div class="row"><h3>${escapeXml(name)}</h3><p class="state">${STATE_WORDS[state]}</p></div>
<ul class="days" role="img" aria-label="${SHOWN_DAYS} days of ${escapeXml(name)}: ${share}">${lately.map(bar).join('')}</ul>
<p class="scale"><span><span class="long">${SHOWN_DAYS}</span><span class="short">30</span> days ago</span><b>${shown}</b><span>today</span></p>
${
  bad.length === 0
    ? ''
    : `<details><summary>Days that were not all well (${bad.length})</summary><ul>${bad
        .toReversed()
        .map(day => `<li>${escapeXml(sayingOf(day))}</li>`)
        .join('')}</ul></details>`
}</section>`
}

const bar = (day: DayView): string =>
  `<li class="${day.state}${day.known > 0 && day.share < 0.9 ? ' part' : ''}"><i></i><span>${escapeXml(sayingOf(day, '\n'))}</span></li>`

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
const dateOf = (day: string): string => DATE.format(Date.parse(day))

/** A day in words. */
export function sayingOf(day: DayView, between = '; '): string {
  const lasted = (ms: number) => showDuration(Math.max(60_000, Math.round(ms / 60_000) * 60_000))
  if (day.known === 0) return [dateOf(day.day), 'not measured'].join(between)
  const parts = [
    ...(day.down > 0 ? [`${lasted(day.down)} down`] : []),
    ...(day.degraded > 0 ? [`${lasted(day.degraded)} degraded`] : []),
    ...(day.maintenance > 0 ? [`${lasted(day.maintenance)} maintenance`] : []),
  ]
  const said = parts.length === 0 ? ['No problem'] : parts
  return [
    dateOf(day.day),
    ...said,
    ...(day.share < 0.9 ? [`measured ${Math.floor(day.share * 100)} % of the day`] : []),
  ].join(between)
}

const STATE_OF = { critical: 'major', major: 'partial', minor: 'degraded' } as const

function incident(one: IncidentOnPage): string {
  const over = one.resolvedAt !== null
  const of =
    one.components.length === 0 ? '' : `<p class="soft">Affects ${escapeXml(list(one.components))}</p>`
  const updates = one.updates
    .map(
      ({ at, state, text }) =>
        `<li><p><b>${SAID[state]}</b>: ${escapeXml(text)}</p><p class="soft">${time(at)}</p></li>`,
    )
    .join('\n')
  return `<article class="card story ${STATE_OF[one.severity]}${over ? ' over' : ''}" id="incident-${one.id}"><h3>${escapeXml(one.title)}</h3>${of}<ol class="told-of">${updates}</ol></article>`
}

function work({ id, state, text, beginsAt, endsAt }: MaintenanceOnPage): string {
  const title = { planned: 'Maintenance', on: 'Maintenance is under way', over: 'Maintenance' }[state]
  const said = text === null ? '' : `<ol><li><p>${escapeXml(text)}</p></li></ol>`
  return `<article class="card story maintenance${state === 'over' ? ' over' : ''}" id="maintenance-${id}"><h3>${title}</h3><p class="soft">${time(beginsAt)} to ${time(endsAt)}</p>${said}</article>`
}

/** What is over, by days. */
function past({ incidents, maintenance }: PageView): string {
  const over = [
    ...incidents.flatMap(one =>
      one.resolvedAt === null ? [] : [{ at: one.resolvedAt, html: incident(one) }],
    ),
    ...maintenance.filter(one => one.state === 'over').map(one => ({ at: one.endsAt, html: work(one) })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1))
  if (over.length === 0) return '<h2>Past incidents</h2><p class="soft">None in the last 15 days.</p>'
  const days = [...Map.groupBy(over, one => one.at.slice(0, 10))]
  return `<h2>Past incidents</h2>${days
    .map(
      ([day, all]) =>
        `<section class="day"><h3>${dateOf(day)}</h3>${all.map(one => one.html).join('\n')}</section>`,
    )
    .join('\n')}`
}

const SUBSCRIBE = `<h2>Be told by e-mail</h2><div class="card told"><p class="soft">Of each incident and maintenance, and of nothing else. Every mail has a link that ends it.</p>
<form method="post" action="subscribe"><label for="email">Your e-mail address</label>
<input id="email" name="email" type="email" required maxlength="254" autocomplete="email" placeholder="you@example.com"><button>Subscribe</button></form></div>`

export interface Notice {
  /** Of the page. */
  title: string
  headline: string
  text: string
  /** A button that does it; null: there is nothing to do. */
  button: { action: string; label: string } | null
}

/** What who subscribes is answered. */
export const noticeOf = ({ title, headline, text, button }: Notice): string =>
  shell({
    ...{ title: headline, state: 'maintenance' },
    body: `<header><h1>${escapeXml(title)}</h1><div class="banner maintenance"><p><strong>${escapeXml(headline)}</strong>${escapeXml(text)}</p></div>
${button === null ? '' : `<form method="post" action="${escapeXml(button.action)}"><button>${escapeXml(button.label)}</button></form>`}
<p><br><a href="./">Back to the status page</a></p></header>`,
  })
