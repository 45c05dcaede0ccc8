import { showDuration } from '../../kernel/durations.ts'
import type { Chart, Content, IncidentNews } from '../messages/channel.ts'
import { type Alert, adviceOf, isOfLoad, sentenceOf, severityOf } from './alert.ts'
import { type Event, isBad, type News } from './policy.ts'

/** Enough to see what happened; the dashboard has the rest. */
const SHOWN = 10

const SAYS: Record<Event, string> = {
  begun: '',
  again: 'again: ',
  worse: 'worse: ',
  over: 'over: ',
  stopped: 'nobody knows, because its source stopped reporting it: ',
}

const NEWS: Record<Event, IncidentNews['event']> = {
  begun: 'begun',
  again: 'begun',
  worse: 'begun',
  over: 'over',
  stopped: 'over',
}

interface Around {
  now: number
  /** What changed last and what the app said, by app; '' for what is of no app. */
  causes: ReadonlyMap<string, readonly string[]>
  /** What uses most of the server. */
  uses: readonly string[]
  /** Pictures by occurrence. */
  charts: ReadonlyMap<string, Chart>
  link: string | null
}

/** The message that tells this news. */
export function contentOf(news: readonly News[], { now, causes, uses, charts, link }: Around): Content {
  const lines = news.map(one => `${SAYS[one.event]}${nameOf(one.alert)}`)
  const chart = charts.get(news.find(isBad)?.alert.occurrence ?? '')
  const apps = [...new Set(news.filter(isBad).map(({ alert }) => alert.labels['app'] ?? ''))]
  const text = [
    ...(news.length === 1 ? detailsOf(news[0]!.alert, now) : shortened(lines)),
    ...apps.flatMap(app => causes.get(app) ?? []),
    ...(news.some(isBadByLoad) ? uses : []),
    ...inHand(news.filter(isBad)),
  ]
  return {
    level: levelOf(news),
    title: news.length === 1 ? lines[0]! : titleOf(news),
    text: text.join('\n'),
    incidents: news.map(({ alert, event }) => ({
      ...{ id: alert.occurrence, event: NEWS[event], level: severityOf(alert.labels) },
      what: nameOf(alert),
    })),
    link,
    ...(chart === undefined ? {} : { chart }),
  }
}

/** What is said of who uses most where that may be the reason. */
export const isBadByLoad = (one: News): boolean => isBad(one) && isOfLoad(one.alert)

/** How somebody takes it who has no dashboard before them. */
function inHand(bad: readonly News[]): string[] {
  if (bad.length === 0) return []
  const ids = bad.length > SHOWN ? ['--all'] : bad.map(({ alert }) => alert.occurrence.slice(0, 8))
  return [`in hand: \`inn ack ${ids.join(' ')}\``]
}

/** With the app before it, unless the sentence names it. */
function nameOf(alert: Alert): string {
  const sentence = sentenceOf(alert)
  const app = alert.labels['app']
  return app === undefined || sentence.includes(app) ? sentence : `${app}: ${sentence}`
}

function titleOf(news: readonly News[]): string {
  const bad = news.filter(isBad)
  const over = news.length - bad.length
  const first = nameOf((bad[0] ?? news[0]!).alert)
  const parts = [bad.length > 0 ? `${bad.length} wrong` : '', over > 0 ? `${over} over` : ''].filter(Boolean)
  return `${parts.join(', ')}: ${first}, …`
}

function levelOf(news: readonly News[]): Content['level'] {
  const bad = news.filter(isBad)
  if (bad.length === 0) return 'over'
  return bad.some(({ alert }) => severityOf(alert.labels) === 'late') ? 'late' : 'soon'
}

function detailsOf({ annotations, labels, openings, overAt }: Alert, now: number): string[] {
  const more = adviceOf({ annotations, labels })
  const began = openings.at(-1)!
  const book = annotations['runbook_url']
  return [
    ...(overAt !== null || more === null || more === sentenceOf({ annotations, labels }) ? [] : [more]),
    ...(book === undefined ? [] : [book]),
    overAt === null
      ? `since ${showDuration(Math.max(0, now - began))}`
      : `it took ${showDuration(overAt - began)}`,
  ]
}

const shortened = (lines: readonly string[]): string[] => [
  ...lines.slice(0, SHOWN).map(line => `- ${line}`),
  ...(lines.length > SHOWN ? [`- and ${lines.length - SHOWN} more`] : []),
]

/** What those are told who were told of alerts that somebody has in hand now. */
export function acknowledgement(acked: readonly Alert[], by: string, link: string | null) {
  const channels = [...new Set(acked.flatMap(one => Object.keys(one.told)))]
  return channels.map(channel => {
    const own = acked.filter(one => one.told[channel] !== undefined)
    const content: Content = {
      level: 'soon',
      title: `${by} has it in hand: ${own.length === 1 ? nameOf(own[0]!) : `${own.length} alerts`}`,
      text: own.length === 1 ? '' : shortened(own.map(nameOf)).join('\n'),
      incidents: own.map(one => ({
        ...{ id: one.occurrence, event: 'acknowledged' as const, level: severityOf(one.labels) },
        what: nameOf(one),
      })),
      link,
    }
    return { channel, content }
  })
}
