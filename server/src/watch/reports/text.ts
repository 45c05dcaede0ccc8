import { minuteOf } from '../../kernel/moments.ts'
import type { Content } from '../messages/channel.ts'
import { inOrder, summaryOf } from './rule.ts'
import type { Report, ReportLine, ReportSection } from './wire.ts'

/** More lines of one section are counted: channels cut what is long. */
const MOST_LINES = 5
const NAMES = { day: 'daily', week: 'weekly', month: 'monthly' } as const
const SIGNS = { well: 'well', look: 'look', bad: 'BAD', unknown: 'not known' } as const

interface Sent {
  link: string | null
  /** When it was due, if it is late; null: it is in time. */
  dueAt: number | null
}

/** What channels are told. What has to be seen to stands first, and what is well takes a line. */
export function contentOf(report: Report, { link, dueAt }: Sent): Content {
  const rest = report.sections.filter(({ state }) => state === 'well')
  const seen = inOrder(report.sections).filter(({ state }) => state !== 'well')
  const late = dueAt === null ? [] : [`It was due at ${minuteOf(dueAt)}, when the keeper did not run.`]
  const text = [late, seen.map(inDetail), rest.length === 0 ? [] : [rest.map(inShort).join('\n')]]
  return {
    // What is bad was told when it began: a report wakes nobody.
    level: report.state === 'well' ? 'over' : 'soon',
    title: `${report.server}: ${NAMES[report.period]} report: ${summaryOf(report)}`,
    text: text.flat().join('\n\n'),
    incidents: [],
    link: link === null ? null : `${link.replace(/\/$/, '')}/report?period=${report.period}`,
  }
}

const inShort = ({ title, says }: ReportSection): string => `${title}: ${says}`

function inDetail(section: ReportSection): string {
  const lines = section.lines.filter(({ state }) => state !== 'well')
  const left = lines.length - MOST_LINES
  return [
    inShort(section),
    ...lines.slice(0, MOST_LINES).map(sayLine),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ].join('\n')
}

export const sayLine = ({ state, text, fix }: ReportLine): string =>
  `  ${state === 'well' ? '' : `${SIGNS[state]}: `}${text}${fix === null ? '' : ` (${fix.replaceAll('`', '')})`}`
