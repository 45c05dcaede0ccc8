import { ownerOf } from '../../apps/app/names.ts'
import type { AppStatus } from '../../apps/app/wire.ts'
import { showAlarms, worded } from '../../cli/alarms.ts'
import { asidesOf, showAsides } from '../../cli/aside.ts'
import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { watched } from '../../cli/watched.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { AlertView } from '../alerts/wire.ts'
import type { Status } from './wire.ts'

const STYLE = {
  serving: 'green',
  degraded: 'yellow',
  down: 'red',
  stopped: 'dim',
  asleep: 'dim',
  maintenance: 'yellow',
  new: 'cyan',
} as const
const INSTANCE = { ready: 'green', starting: 'yellow', failing: 'red', down: 'red', stopped: 'dim' } as const

const EVERY_MS = 2_000

/** inn status [app] */
export async function status(cli: Cli, named?: string, { watch }: { watch?: boolean } = {}): Promise<void> {
  const { terminal, json } = cli
  if (watch && !json && terminal.interactive)
    return watched(terminal, EVERY_MS, async screen => show(await read(cli, named), screen))
  const found = await read(cli, named)
  if (isDown(found)) process.exitCode = EXIT.down
  if (json) return printJson(found)
  show(found, terminal)
}

async function read(cli: Cli, named?: string) {
  const { client } = cli
  const [whole, aside, alerts] = await Promise.all([
    client.get<Status>('/api/status'),
    asidesOf(client, named),
    client.get<AlertView[]>('/api/alerts'),
  ])
  // What the keeper knows by itself is among the alarms.
  const rules = alerts.filter(one => one.state === 'firing' && one.source !== 'keeper')
  return { ...whole, ...(named === undefined ? {} : { apps: [await oneApp(cli, named)] }), aside, rules }
}

function show(now: Awaited<ReturnType<typeof read>>, terminal: Terminal): void {
  const { keeper, host } = now
  terminal.print(
    `keeper ${keeper.version}  pid ${keeper.pid}  ${showSize(keeper.rssBytes)}  ${keeper.url}  up ${showDuration(Date.now() - Date.parse(keeper.upSince))}`,
  )
  terminal.print(
    terminal.paint(
      'dim',
      `${host.name}: ${showSize(host.memoryFreeBytes)} of ${showSize(host.memoryBytes)} memory free, ${showSize(host.diskFreeBytes)} of ${showSize(host.diskBytes)} disk free`,
    ),
  )
  const asleep = new Set(now.apps.flatMap(app => (app.state === 'asleep' ? app.name : [])))
  const bad = now.parts.filter(part => part.state !== 'up' && !asleep.has(ownerOf(part.name) ?? ''))
  for (const part of bad)
    terminal.print(terminal.paint('red', `${part.name} is ${part.state}: ${part.detail}`))
  showAlarms(now.alarms, terminal)
  for (const { severity, what } of now.rules) terminal.print(worded(severity, what, terminal))
  if (now.rules.length > 0) terminal.print('  fix: inn alerts says what to look at')
  showApps(now.apps, terminal)
  showAsides(now.aside, terminal)
}

function showApps(apps: readonly AppStatus[], terminal: Terminal): void {
  if (apps.length === 0) {
    terminal.print('no app yet: inn deploy, in the folder of one')
    return
  }
  terminal.print('')
  terminal.print(
    table(
      ['APP', 'STATE', 'RELEASE', 'COLOUR', 'ROLLBACK TO', 'ADDRESS'],
      apps.map(app => row(app, terminal)),
    ),
  )
  for (const app of apps.filter(a => a.reason !== null))
    terminal.print(terminal.paint('yellow', `${app.name}: ${app.reason}`))
}

const oneApp = (cli: Cli, name: string) => cli.client.get<AppStatus>(at`/api/apps/${name}`)

/** What a script asks for: whether all that should serve does. One that is stopped or asleep, or was never live, should not. */
export const isDown = ({ parts, apps }: Pick<Status, 'parts' | 'apps'>): boolean =>
  parts.some(part => part.state === 'down') ||
  apps.some(app => app.state === 'down' || app.state === 'degraded')

function row(app: AppStatus, terminal: Terminal): string[] {
  const back = app.rollback === null ? '-' : `${app.rollback.release}${app.rollback.warm ? ' (warm)' : ''}`
  const state = `${app.state}${app.running === null ? '' : ' *'}`
  return [
    app.name,
    terminal.paint(STYLE[app.state], state),
    app.release ?? '-',
    app.colour ?? '-',
    back,
    app.url ?? '-',
  ]
}

/** inn ps */
export async function ps(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const wanted =
    named === undefined
      ? (await client.get<Status>('/api/status')).apps
      : [await client.get<AppStatus>(at`/api/apps/${named}`)]
  const all = wanted.flatMap(app =>
    app.services.flatMap(s => s.instances.map(instance => ({ app: app.name, service: s.name, ...instance }))),
  )
  if (json) return printJson(all)
  const rows = all.map(i => [
    `${i.app}.${i.service}`,
    `${i.colour}.${i.n}`,
    i.role,
    terminal.paint(INSTANCE[i.state], i.leftOut ? `${i.state}, left out` : i.state),
    i.release,
    String(i.pid ?? '-'),
    String(i.port ?? '-'),
    i.rssBytes === null ? '-' : showSize(i.rssBytes),
    String(i.restarts),
    i.uptimeSeconds === null ? '-' : showDuration(i.uptimeSeconds * 1000),
  ])
  terminal.print(
    table(
      ['SERVICE', 'INSTANCE', 'ROLE', 'STATE', 'RELEASE', 'PID', 'PORT', 'MEMORY', 'RESTARTS', 'UP'],
      rows,
    ),
  )
}
