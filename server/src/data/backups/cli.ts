import { showAlarms } from '../../cli/alarms.ts'
import { type Cli, change, printJson } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { showDuration } from '../../kernel/durations.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import type { BackupPlace, Backups, RestorePoint } from './wire.ts'

interface Flags {
  plan?: boolean
  full?: boolean
  place?: string
}

/** inn backup now */
export const backupNow = (cli: Cli, { plan = false, full = false, place }: Flags): Promise<void> =>
  change(cli, { path: '/api/backups', body: { full, place }, plan })

/** inn backup verify */
export const backupVerify = (cli: Cli, { plan = false, place }: Flags): Promise<void> =>
  change(cli, { path: '/api/backups/verify', body: { place }, plan })

const STATES = { good: 'green', failed: 'red', taking: 'yellow', marked: 'dim' } as const
const ago = (time: string): string => `${showDuration(Date.now() - Date.parse(time))} ago`

/** inn backup list */
export async function backupList(
  { client, terminal, json }: Cli,
  { all = false }: { all?: boolean },
): Promise<void> {
  const seen = await client.get<Backups>('/api/backups')
  if (json) return printJson(seen)
  for (const place of seen.places) terminal.print(placeLine(place, terminal))
  showAlarms(seen.alarms, terminal)
  if (seen.points.length === 0) return terminal.print('no restore point yet: inn backup now')
  const shown = all ? seen.points : seen.points.slice(0, 20)
  const rows = shown.map(p => [
    p.name,
    terminal.paint(
      p.missing.length === 0 ? STATES[p.state] : 'yellow',
      p.missing.length === 0
        ? p.state
        : `${p.state}, without ${list([...new Set(p.missing.map(m => m.of))])}`,
    ),
    new Date(p.at).toLocaleString('sv-SE'),
    p.kind,
    showSize(p.parts.reduce((sum, part) => sum + (part.bytes ?? 0), 0)),
    Object.entries(p.releases)
      .map(([app, release]) => `${app} ${release}`)
      .join(', ') || '-',
  ])
  terminal.print('')
  terminal.print(table(['RESTORE POINT', 'STATE', 'MOMENT', 'BY', 'FILES', 'RELEASES'], rows))
  if (shown.length < seen.points.length)
    terminal.print(
      terminal.paint('dim', `${seen.points.length - shown.length} older ones: inn backup list --all`),
    )
}

function placeLine(place: BackupPlace, terminal: Terminal): string {
  const head = `${terminal.paint('bold', place.name)}  ${place.address}`
  if (place.problem !== null) return `${head}\n  ${terminal.paint('red', place.problem)}`
  const backups = `${place.backups.length} of the cluster (${showSize(place.storedBytes)}), ${place.snapshots} snapshots`
  const window =
    place.window === null
      ? terminal.paint('yellow', 'no moment can be restored yet')
      : `any moment from ${new Date(place.window.from).toLocaleString('sv-SE')} to ${new Date(place.window.to).toLocaleString('sv-SE')}`
  return `${head}\n  ${window}\n  ${backups}${place.lastGood === null ? '' : `; the last good one ${ago(place.lastGood)}`}`
}

/** inn backup show */
export async function backupShow({ client, terminal, json }: Cli, name: string): Promise<void> {
  const point = await client.get<RestorePoint>(`/api/backups/points/${encodeURIComponent(name)}`)
  if (json) return printJson(point)
  terminal.print(
    `${terminal.paint('bold', point.name)}  ${terminal.paint(STATES[point.state], point.state)}  ${point.at}`,
  )
  if (point.reason !== null) terminal.print(terminal.paint('red', point.reason))
  const counted = Object.entries(point.counted).map(
    ([database, { tables, exact }]) => `${database} (${tables}${exact ? '' : ', while it was written to'})`,
  )
  if (counted.length > 0) terminal.print(`tables counted: ${list(counted)}`)
  const rows = point.parts.map(part => [
    part.of,
    part.place,
    part.id,
    part.bytes === null ? '-' : showSize(part.bytes),
  ])
  if (rows.length > 0) terminal.print(table(['WHAT', 'PLACE', 'ID', 'SIZE'], rows))
}
