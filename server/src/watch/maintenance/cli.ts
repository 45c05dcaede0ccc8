import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { numberOf } from '../../cli/numbers.ts'
import { table } from '../../cli/terminal.ts'
import { durationOf, local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { isZone } from '../../kernel/moments.ts'
import { readAhead } from '../../kernel/when.ts'
import type { MaintenanceView } from './wire.ts'

const MINUTE_MS = 60_000
const WEEK_MS = 7 * 86_400_000

/** inn maintenance list */
export async function maintenanceList({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<MaintenanceView[]>('/api/maintenance')
  if (json) return printJson(all)
  if (all.length === 0)
    return terminal.print("none; inn maintenance plan --at 'Sunday 02:00' --for 2h plans one")
  const rows = all.map(one => [
    ...[String(one.id), one.app, one.state, local(one.beginsAt), lasts(one), one.by],
    one.text ?? (one.commands.length > 0 ? one.commands.join('; ') : '-'),
  ])
  terminal.print(table(['ID', 'APP', 'STATE', 'BEGINS', 'LASTS', 'BY', 'WHAT'], rows))
}

const lasts = ({ beginsAt, endsAt }: MaintenanceView): string =>
  showDuration(Math.max(1_000, Math.round((Date.parse(endsAt) - Date.parse(beginsAt)) / 1_000) * 1_000))

interface PlanFlags {
  at: string
  for: string
  text?: string
  allow?: string[]
  run?: string[]
  zone?: string
}

/** inn maintenance plan */
export async function maintenancePlan(cli: Cli, named: string | undefined, flags: PlanFlags): Promise<void> {
  const zone = zoneOf(flags.zone)
  const beginsAt = new Date(readAhead(flags.at, { zone, now: Date.now() })).toISOString()
  const ms = durationOf('--for', flags.for, { example: '2h', least: MINUTE_MS, most: WEEK_MS })
  const planned = await cli.client.post<MaintenanceView>(
    at`/api/apps/${await appName(cli, named)}/maintenance`,
    {
      ...{ beginsAt, lasts: ms, text: flags.text ?? null },
      ...{ allow: flags.allow ?? [], commands: flags.run ?? [] },
    },
  )
  if (cli.json) return printJson(planned)
  const { id, app, state } = planned
  cli.terminal.print(
    state === 'on'
      ? `visitors of ${app} are kept out until ${local(planned.endsAt)}`
      : `visitors of ${app} are kept out from ${local(planned.beginsAt)} until ${local(planned.endsAt)}; channels are told the day and the hour before`,
  )
  cli.terminal.note(`inn maintenance end ${id} ${state === 'on' ? 'lets them in again' : 'cancels it'}`)
}

function zoneOf(zone: string | undefined): string {
  if (zone === undefined) return Intl.DateTimeFormat().resolvedOptions().timeZone
  if (isZone(zone)) return zone
  throw new Failure('usage.zone', `there is no time zone ${zone}`, {
    why: 'a time zone has a name such as Europe/Berlin',
    fix: '--zone Europe/Berlin',
  })
}

/** inn maintenance end */
export async function maintenanceEnd({ client, terminal, json }: Cli, id: string): Promise<void> {
  const number = numberOf(id, 'a maintenance', 'inn maintenance')
  const ended = await client.post<MaintenanceView>(at`/api/maintenance/${number}/end`, {})
  if (json) return printJson(ended)
  terminal.print(
    ended.state === 'cancelled'
      ? `maintenance ${number} of ${ended.app} is cancelled`
      : `visitors of ${ended.app} get in again`,
  )
}
