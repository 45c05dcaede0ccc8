import { showDuration } from '../../kernel/durations.ts'
import { minuteOf } from '../../kernel/moments.ts'
import { plain } from '../../kernel/output.ts'
import { count } from '../../kernel/words.ts'
import type { Entry, Follow, Incident } from './incident.ts'

/** The draft of what people go through after an incident, as Markdown. What only people know is asked for in italics. */
export function reviewOf(
  incident: Incident,
  timeline: readonly Entry[],
  followUps: readonly Follow[],
): string {
  const { id, title } = incident
  return [
    `# Incident ${id}: ${line(title)}`,
    figures(incident),
    section('What happened', happened(incident, timeline)),
    section('Impact', impactOf(incident)),
    section('Timeline', timeline.map(entryLine).join('\n')),
    section('What changed before and meanwhile', changed(timeline)),
    section(
      'Why',
      '_Which conditions let it happen? Ask until the answer is something that can be changed, and is no person._',
    ),
    section('What went well, and what was luck', '_What made it short, and what would have made it long?_'),
    section('What to do', toDo(incident, followUps)),
  ].join('\n\n')
}

const section = (head: string, body: string): string =>
  `## ${head}\n\n${body === '' ? 'Nothing is known.' : body}`

/** What people and programs wrote stays on its line, and makes no heading, table or link of its own. */
const line = (text: string): string =>
  plain(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_[\]<>|#]/g, char => `\\${char}`)

function figures(incident: Incident): string {
  const { app, severity, lead, beganAt, openedAt, openedBy, acked, resolved } = incident
  const rows: Array<[string, string]> = [
    ['of', app ?? 'the server'],
    ['severity', severity],
    ['led by', lead ?? '_nobody was named_'],
    ['began', minuteOf(beganAt)],
    ['noticed', `${minuteOf(openedAt)}, by ${openedBy}, after ${lasted(beganAt, openedAt)}`],
    [
      'in hand',
      acked === null
        ? 'nobody said so'
        : `${minuteOf(acked.at)}, by ${acked.by}, after ${lasted(openedAt, acked.at)}`,
    ],
    [
      'over',
      resolved === null
        ? '**it is not over**'
        : `${minuteOf(resolved.at)}, after ${lasted(beganAt, resolved.at)}`,
    ],
  ]
  return [
    '| | |',
    '|---|---|',
    ...rows.map(
      ([name, value]) =>
        `| ${name} | ${value.startsWith('_') || value.startsWith('*') ? value : line(value)} |`,
    ),
  ].join('\n')
}

const lasted = (from: number, to: number): string =>
  showDuration(Math.max(0, Math.round((to - from) / 1_000) * 1_000))

function happened({ beganAt, resolved }: Incident, timeline: readonly Entry[]): string {
  const alerts = timeline.filter(({ kind, at }) => kind === 'alert' && at >= beganAt)
  const notes = timeline.filter(({ kind }) => kind === 'note')
  const first = alerts.at(0)
  return [
    '_In two sentences, for somebody who was not there._',
    ...(first === undefined ? [] : [`It showed first as: ${line(first.what)}.`]),
    ...notes.map(({ what }) => `- ${line(what)}`),
    ...(resolved === null ? ['It is not over.'] : []),
  ].join('\n')
}

function impactOf({ impact, requests, errors, app }: Incident): string {
  const measured =
    requests === 0
      ? `The edge counted no request${app === null ? '' : ` to ${app}`} in that time.`
      : `${count(errors, 'request')} of ${requests} were answered with an error (${percent(errors / requests)}), as the edge counted them. Requests that never arrived are not among them.`
  return `${impact === null ? '_What did people outside notice?_' : line(impact)}\n\n${measured}`
}

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`

function entryLine({ at, who, what, detail }: Entry): string {
  const by = who === null ? '' : ` (${line(who)})`
  // Output of commands keeps its lines, in a block that nothing in it can end.
  const more = detail === null ? '' : `\n${block(detail)}`
  return `- ${minuteOf(at).slice(0, 16)} ${line(what)}${by}${more}`
}

function block(text: string): string {
  const ticks = text.match(/`+/g) ?? []
  const fence = '`'.repeat(Math.max(3, ...ticks.map(run => run.length + 1)))
  const lines = [fence, ...plain(text).trimEnd().split('\n'), fence]
  return lines.map(one => `  ${one}`).join('\n')
}

const changed = (timeline: readonly Entry[]): string =>
  timeline
    .filter(({ kind, key }) => kind === 'change' && key.endsWith(':begun'))
    .map(entryLine)
    .join('\n')

function toDo({ id }: Incident, followUps: readonly Follow[]): string {
  if (followUps.length === 0)
    return `_Nobody is asked to do anything yet: \`inn incident follow-up ${id} 'what'\`._`
  return followUps
    .map(
      ({ what, dueAt, done }) =>
        `- [${done === null ? ' ' : 'x'}] ${line(what)} (by ${minuteOf(dueAt).slice(0, 10)})`,
    )
    .join('\n')
}
