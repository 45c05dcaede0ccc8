import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { parseDuration, showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import type { AlertSettings, RouteView } from './wire.ts'

const HOUR = 60
const two = (n: number) => String(n).padStart(2, '0')
const clock = (minute: number): string => `${two(Math.floor(minute / HOUR))}:${two(minute % HOUR)}`

/** inn alerts routes */
export async function routesList({ client, terminal, json }: Cli): Promise<void> {
  const routes = await client.get<RouteView[]>('/api/alert-routes')
  if (json) return printJson(routes)
  if (routes.length === 0) return terminal.print('no route is written: everything goes to all channels')
  const rows = routes.map(one => [
    String(one.id),
    one.severity === 'late' ? 'critical' : 'warning',
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
    afterMs: parseDuration(after) ?? wrong('--after', after, '10m'),
    hours: hours === undefined ? null : hoursOf(hours),
    weeks: weeks === undefined ? null : weeksOf(weeks),
    zone: zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
  const added = await client.post<{ id: number }>('/api/alert-routes', route)
  if (json) return printJson(added)
  terminal.print(
    `${channel} is told of what is ${severity} from now on; inn alerts unroute ${added.id} takes that back`,
  )
}

/** inn alerts unroute */
export async function routeRemove({ client, terminal, json }: Cli, id: string): Promise<void> {
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
  const wished = (value: string | undefined, old: string | null) =>
    value === undefined ? old : value === 'none' ? null : value
  const wish = {
    link: wished(given.link, known.link),
    watchdog: wished(given.watchdog, known.watchdog),
    metricsWatchdog: wished(given.metricsWatchdog, known.metricsWatchdog),
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

function hoursOf(text: string) {
  const found = /^(\d\d?):(\d\d)-(\d\d?):(\d\d)$/.exec(text)
  if (found === null) return wrong('--hours', text, '08:00-20:00')
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  return { from: fromHour * HOUR + fromMinute, to: toHour * HOUR + toMinute }
}

function weeksOf(text: string) {
  const found = /^(\d+)\/(\d+)$/.exec(text)
  return found === null ? wrong('--weeks', text, '1/2') : { nth: Number(found[1]), of: Number(found[2]) }
}

function wrong(option: string, value: string, example: string): never {
  throw new Failure('usage.route', `${option} ${value} cannot be read`, {
    why: 'it has another form',
    fix: `such as ${example}`,
  })
}
