import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { durationOf } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import { isZone } from '../../kernel/moments.ts'
import { didYouMean, HOW_BAD } from '../../kernel/words.ts'
import type { AlertSettings, RouteView } from './wire.ts'

const HOUR = 60
const DAY = 24 * HOUR
const LONGEST_AFTER_MS = DAY * 60_000
const MOST_WEEKS = 52
const two = (n: number) => String(n).padStart(2, '0')
const clock = (minute: number): string => `${two(Math.floor(minute / HOUR))}:${two(minute % HOUR)}`

/** inn alerts routes */
export async function routesList({ client, terminal, json }: Cli): Promise<void> {
  const routes = await client.get<RouteView[]>('/api/alert-routes')
  if (json) return printJson(routes)
  if (routes.length === 0) return terminal.print('no route is written: everything goes to all channels')
  const rows = routes.map(one => [
    String(one.id),
    HOW_BAD[one.severity],
    one.channel,
    one.afterMs === 0 ? 'at once' : `after ${showDuration(one.afterMs)}`,
    one.hours === null ? 'always' : `${clock(one.hours.from)}-${clock(one.hours.to)} ${one.zone}`,
    one.weeks === null ? 'each' : `${one.weeks.nth} of ${one.weeks.of}`,
    one.on ? 'yes' : 'no',
  ])
  terminal.print(table(['ID', 'HOW BAD', 'CHANNEL', 'WHEN', 'HOURS', 'WEEKS', 'NOW'], rows))
}

interface RouteFlags {
  after?: string
  hours?: string
  weeks?: string
  zone?: string
}

/** inn alerts route */
export async function routeAdd(
  { client, terminal, json }: Cli,
  { severity, channel }: { severity: string; channel: string },
  { after = '0s', hours, weeks, zone }: RouteFlags,
): Promise<void> {
  const route = {
    severity: severity === 'critical' ? 'late' : 'soon',
    channel,
    afterMs: durationOf('--after', after, { example: '10m', most: LONGEST_AFTER_MS }),
    hours: hours === undefined ? null : hoursOf(hours),
    weeks: weeks === undefined ? null : weeksOf(weeks),
    zone: zone === undefined ? Intl.DateTimeFormat().resolvedOptions().timeZone : zoneOf(zone),
  }
  const added = await client.post<{ id: number }>('/api/alert-routes', route)
  if (json) return printJson(added)
  terminal.print(
    `${channel} is told of what is ${severity} from now on; inn alerts unroute ${added.id} takes that back`,
  )
}

/** inn alerts unroute */
export async function routeRemove({ client, terminal, json }: Cli, id: string): Promise<void> {
  if (!/^\d{1,9}$/.test(id))
    throw new Failure('usage.route', `${id} is no route`, {
      why: 'each has a number',
      fix: '`inn alerts routes` shows them: `inn alerts unroute 2`',
    })
  const removed = await client.delete<{ removed: boolean }>(at`/api/alert-routes/${id}`)
  if (json) return printJson(removed)
  if (!removed.removed) process.exitCode = EXIT.failed
  terminal.print(removed.removed ? `route ${id} is gone` : `there is no route ${id}`)
}

/** inn alerts settings */
export async function settings(
  { client, terminal, json }: Cli,
  given: { link?: string; watchdog?: string; metricsWatchdog?: string },
): Promise<void> {
  const known = await client.get<AlertSettings>('/api/alert-settings')
  const wish = {
    link: wished('--link', given.link, known.link),
    watchdog: wished('--watchdog', given.watchdog, known.watchdog),
    metricsWatchdog: wished('--metrics-watchdog', given.metricsWatchdog, known.metricsWatchdog),
  }
  const changes = [given.link, given.watchdog, given.metricsWatchdog].some(one => one !== undefined)
  const now = changes ? await client.post<AlertSettings>('/api/alert-settings', wish) : known
  if (json) return printJson(now)
  terminal.print(`link      ${now.link ?? 'none: messages lead nowhere'}`)
  terminal.print(`watchdog  ${now.watchdog ?? 'none: nobody notices when this server is dead'}`)
  terminal.print(
    `metrics   ${now.metricsWatchdog ?? 'none: the keeper alone notices when Prometheus is dead'}`,
  )
}

function wished(option: string, value: string | undefined, old: string | null): string | null {
  if (value === undefined) return old
  if (value === 'none') return null
  if (/^https?:/i.test(value) && URL.canParse(value)) return value
  throw new Failure('usage.address', `${option} ${value} is no address`, {
    why: 'it wants https:// or http://, a host and perhaps a path',
    fix: `write ${option} https://inn.example.com, or ${option} none`,
  })
}

function hoursOf(text: string) {
  const refused = (why: string) => wrong('--hours', text, why, '08:00-20:00')
  const found = /^(\d\d?):([0-5]\d)-(\d\d?):([0-5]\d)$/.exec(text)
  if (found === null) throw refused('it wants two times of the day, and a hyphen between them')
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const hours = { from: fromHour * HOUR + fromMinute, to: toHour * HOUR + toMinute }
  if (Math.max(hours.from, hours.to) > DAY) throw refused('a day ends at 24:00')
  if (hours.from === hours.to) throw refused('both are the same time, so nobody would ever be told')
  return hours
}

function weeksOf(text: string) {
  const refused = (why: string) => wrong('--weeks', text, why, '1/2 and --weeks 2/2, to take turns')
  const found = /^(\d+)\/(\d+)$/.exec(text)
  if (found === null) throw refused('it wants which one, and of how many')
  const [nth, of] = [Number(found[1]), Number(found[2])]
  if (of < 2 || of > MOST_WEEKS) throw refused(`turns are taken over 2 to ${MOST_WEEKS} weeks`)
  if (nth < 1 || nth > of) throw refused(`the first number is one of 1 to ${of}`)
  return { nth, of }
}

function zoneOf(text: string): string {
  if (isZone(text)) return text
  const near = didYouMean(text, Intl.supportedValuesOf('timeZone'))
  throw wrong('--zone', text, 'no time zone has that name', near ?? 'Europe/Berlin')
}

const wrong = (option: string, value: string, why: string, example: string): Failure =>
  new Failure('usage.route', `${option} ${value} cannot be`, { why, fix: `write ${option} ${example}` })
