import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Drill } from './wire.ts'

interface Flags {
  point?: string
  plan?: boolean
}

/** inn drill now */
export async function drillNow(
  cli: Cli,
  named: string | undefined,
  { point, plan = false }: Flags,
): Promise<void> {
  await change(cli, { path: `/api/apps/${await appName(cli, named)}/drill`, body: { point }, plan })
}

const STATES = { running: 'yellow', proven: 'green', failed: 'red', cancelled: 'dim' } as const
const LEVELS = { proven: ['green', '✓'], failed: ['red', '✗'], skipped: ['dim', '-'] } as const

const measured = (ms: number | null): string => (ms === null ? '-' : showDuration(ms))

/** inn drill list */
export async function drillList({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<Drill[]>('/api/drills')
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('no drill yet: inn drill now')
  const rows = all.map(drill => [
    drill.id,
    terminal.paint(STATES[drill.state], drill.state),
    drill.abandoned === null ? drill.point : `${drill.point}, of a branch that was left`,
    drill.place,
    measured(drill.rtoMs),
    measured(drill.rpoMs),
  ])
  terminal.print(table(['DRILL', 'STATE', 'RESTORE POINT', 'PLACE', 'RTO', 'RPO'], rows))
}

/** inn drill show */
export async function drillShow({ client, terminal, json }: Cli, id: string): Promise<void> {
  const drill = await client.get<Drill>(`/api/drills/${encodeURIComponent(id)}`)
  if (json) return printJson(drill)
  const { paint, print } = terminal
  print(`${paint('bold', drill.id)}  ${paint(STATES[drill.state], drill.state)}  ${local(drill.startedAt)}`)
  print(`${drill.app} at the restore point ${drill.point}, from ${drill.place}`)
  if (drill.abandoned !== null) print(paint('yellow', drill.abandoned))
  for (const level of drill.levels) print(levelLine(level, terminal))
  print(
    `measured: back after ${measured(drill.rtoMs)} (RTO), at most ${measured(drill.rpoMs)} of writes missing (RPO)`,
  )
  if (drill.unproven.length > 0) print('not shown:')
  for (const open of drill.unproven) print(`  ${open}`)
}

function levelLine({ level, name, state, detail, ms }: Drill['levels'][number], { paint }: Terminal): string {
  const [style, mark] = LEVELS[state]
  const time = ms === null ? '' : paint('dim', `  ${showDuration(ms)}`)
  return `${paint(style, `${mark} L${level}`)} ${name}${time}\n     ${paint('dim', detail.split('\n').join('\n     '))}`
}
