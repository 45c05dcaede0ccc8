import { type Cli, printJson } from '../../cli/command.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { Failure } from '../../kernel/failure.ts'
import { isZone } from '../../kernel/moments.ts'
import { list } from '../../kernel/words.ts'
import { summaryOf } from './rule.ts'
import { sayLine } from './text.ts'
import {
  type Report,
  type ReportPeriod,
  type ReportSection,
  type ReportSent,
  ReportSettings,
  type ReportState,
} from './wire.ts'

interface PeriodFlags {
  day?: true
  week?: true
  month?: true
}

const periodOf = ({ day, month }: PeriodFlags): ReportPeriod =>
  day === true ? 'day' : month === true ? 'month' : 'week'

const NAMES = { day: 'day', week: 'week', month: '30 days' } as const
const PAINTS: Record<ReportState, 'green' | 'yellow' | 'red'> = {
  ...{ well: 'green', look: 'yellow', bad: 'red', unknown: 'yellow' },
}
/** So many that are well are shown of a section. */
const MOST_WELL = 8
const SIGNS: Record<ReportState, string> = { well: '✓', look: '!', bad: '✗', unknown: '?' }

/** inn report show */
export async function reportShow({ client, terminal, json }: Cli, flags: PeriodFlags): Promise<void> {
  const period = periodOf(flags)
  if (!json) terminal.transient('looking at everything ...')
  const report = await client.get<Report>(`/api/report?period=${period}`)
  terminal.transient('')
  if (json) return printJson(report)
  terminal.print(
    terminal.paint(
      'bold',
      `${report.server}, the ${NAMES[period]} until ${local(report.to)}: ${summaryOf(report)}`,
    ),
  )
  for (const section of report.sections) printSection(terminal, section)
}

function printSection(terminal: Terminal, { title, says, state, lines }: ReportSection): void {
  terminal.print(`${terminal.paint(PAINTS[state], SIGNS[state])} ${terminal.paint('bold', title)}: ${says}`)
  const well = lines.filter(one => one.state === 'well')
  for (const one of lines.filter(one => one.state !== 'well')) terminal.print(`  ${sayLine(one)}`)
  for (const one of well.slice(0, MOST_WELL)) terminal.print(terminal.paint('dim', `  ${sayLine(one)}`))
  const left = well.length - MOST_WELL
  if (left > 0) terminal.print(terminal.paint('dim', `    and ${left} more: --json has all`))
}

/** inn report send */
export async function reportSend({ client, terminal, json }: Cli, flags: PeriodFlags): Promise<void> {
  const sent = await client.post<ReportSent>('/api/report/send', { period: periodOf(flags) })
  if (json) return printJson(sent)
  terminal.print(`sent to ${list(sent.channels)}; inn notify list shows what waits`)
}

interface SettingFlags {
  daily?: string
  weekly?: string
  monthly?: string
  zone?: string
  channel?: string[]
}

/** inn report settings */
export async function reportSettings(
  { client, terminal, json }: Cli,
  { daily, weekly, monthly, zone, channel }: SettingFlags,
): Promise<void> {
  const known = await client.get<ReportSettings>('/api/report-settings')
  const wish: ReportSettings = {
    day: wished('day', daily, known.day),
    week: wished('week', weekly, known.week),
    month: wished('month', monthly, known.month),
    zone: zone === undefined ? known.zone : zoneOf(zone),
    channels: channel === undefined ? known.channels : channel.filter(name => name !== 'all'),
  }
  const changes = [daily, weekly, monthly, zone, channel].some(one => one !== undefined)
  const now = changes ? await client.post<ReportSettings>('/api/report-settings', wish) : known
  if (json) return printJson(now)
  const says = (when: string | null) => (when === null ? 'off' : `${when} (${now.zone})`)
  terminal.print(`daily    ${says(now.day)}`)
  terminal.print(`weekly   ${says(now.week)}`)
  terminal.print(`monthly  ${says(now.month)}`)
  terminal.print(
    `to       ${now.channels.length === 0 ? 'every channel but those that call people' : list(now.channels)}`,
  )
}

const WISHES = {
  day: { option: '--daily', example: '08:00', says: 'a time of the day', start: '' },
  week: { option: '--weekly', example: "'Mon 08:00'", says: 'a day of the week and a time', start: 'Mon ' },
  month: { option: '--monthly', example: "'1 08:00'", says: 'a day from 1 to 28 and a time', start: '1 ' },
} as const

/** A time alone is that of Monday, and of the first. */
function wished(period: ReportPeriod, text: string | undefined, old: string | null): string | null {
  if (text === undefined) return old
  if (text === 'off') return null
  const { option, example, says, start } = WISHES[period]
  const padded = text.trim().replace(/(^|\s)(\d:\d\d)$/, '$10$2')
  const whole = /^\d\d:\d\d$/.test(padded) ? `${start}${padded}` : padded
  // Monday, monday and mon are Mon.
  const named = whole.replace(/^([a-z]{3})[a-z]*(?= )/i, (_, day: string) => capital(day))
  const read = ReportSettings.shape[period].safeParse(named)
  if (read.success) return read.data
  throw new Failure('usage.schedule', `${option} ${text} says no time`, {
    why: `it wants ${says}, or off`,
    fix: `write ${option} ${example}`,
  })
}

const capital = (day: string): string => `${day[0]!.toUpperCase()}${day.slice(1).toLowerCase()}`

function zoneOf(zone: string): string {
  if (isZone(zone)) return zone
  throw new Failure('usage.zone', `there is no time zone ${zone}`, {
    why: 'a time zone has a name such as Europe/Berlin',
    fix: '--zone Europe/Berlin',
  })
}
