import { setTimeout as sleep } from 'node:timers/promises'
import { KEEPER } from '../../apps/app/names.ts'
import { showAlarms } from '../../cli/alarms.ts'
import { asidesOf, showAsides } from '../../cli/aside.ts'
import { appName, type Cli, carryOn, carryOut, change, printJson, type Result } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import type { BackupPlace, Backups, RestorePoint } from './wire.ts'

interface Flags {
  plan?: boolean
  full?: boolean
  place?: string
  all?: boolean
}

/** inn backup now: of an app, and then of the keeper's own state, which a new machine needs to find it again. */
export async function backupNow(cli: Cli, named: string | undefined, flags: Flags): Promise<void> {
  const { full = false, place, plan = false, all = false } = flags
  const path = '/api/backups'
  const bodyOf = (name: string) => ({ full, place, app: ownerOf(name) })
  if (all) return inTurn(cli, named, flags, async name => carryOut(cli, { path, body: bodyOf(name) }))
  const name = await appName(cli, named)
  if (plan || name === KEEPER) return change(cli, { path, body: bodyOf(name), plan })
  const result = await carryOut(cli, { path, body: bodyOf(name) })
  const code = Number(process.exitCode ?? 0)
  const keeper = code === EXIT.failed ? null : await keeperToo(cli, path)
  process.exitCode = Math.max(code, Number(process.exitCode ?? 0))
  if (cli.json) printJson({ ...result, keeper })
}

/** How long a keeper that is being started again is waited for. */
const BACK_WITHIN_MS = 15_000

/** Takes the keeper's own state, or follows the run that takes it already. */
async function keeperToo(cli: Cli, path: string): Promise<Result> {
  for (const end = Date.now() + BACK_WITHIN_MS; ; await sleep(200)) {
    try {
      return await carryOut(cli, { path, body: { app: null } })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      if (error.code === 'run.locked') return carryOn(cli, String(error.facts['run']))
      // Between the two runs nothing is under way that the command would follow.
      if (error.code !== 'keeper.unreachable' || Date.now() > end) throw error
    }
  }
}

/** inn backup verify */
export async function backupVerify(cli: Cli, named: string | undefined, flags: Flags): Promise<void> {
  const { place, plan = false, all = false } = flags
  const path = '/api/backups/verify'
  const bodyOf = (name: string) => ({ place, app: ownerOf(name) })
  if (all) return inTurn(cli, named, flags, async name => carryOut(cli, { path, body: bodyOf(name) }))
  return change(cli, { path, body: bodyOf(await appName(cli, named)), plan })
}

const ownerOf = (name: string): string | null => (name === KEEPER ? null : name)

/** Does it for every app and for the keeper, one after the other. */
async function inTurn(
  cli: Cli,
  named: string | undefined,
  { plan = false }: Flags,
  work: (name: string) => Promise<Result>,
): Promise<void> {
  if (named !== undefined || plan)
    throw new Failure('usage.all', '--all goes alone', {
      why: 'it is for every app, each with a plan of its own',
      fix: 'leave it out, or leave out the rest',
    })
  const { apps } = await cli.client.get<{ apps: Array<{ name: string }> }>('/api/status')
  const results: Result[] = []
  let worst = 0
  for (const name of [...apps.map(app => app.name), KEEPER]) {
    results.push(await work(name))
    worst = Math.max(worst, Number(process.exitCode ?? 0))
  }
  process.exitCode = worst
  if (cli.json) printJson(results)
}

const STATES = { good: 'green', failed: 'red', taking: 'yellow', marked: 'dim' } as const
const ago = (time: string): string => `${showDuration(Date.now() - Date.parse(time))} ago`

/** inn backup list */
export async function backupList(
  { client, terminal, json }: Cli,
  app: string | undefined,
  { all = false }: { all?: boolean },
): Promise<void> {
  const seen = await client.get<Backups>(
    app === undefined ? '/api/backups' : `/api/backups?app=${encodeURIComponent(app)}`,
  )
  const aside = await asidesOf(client, app)
  if (json) return printJson({ ...seen, aside })
  for (const place of seen.places) terminal.print(placeLine(place, all, terminal))
  showAlarms(seen.alarms, terminal)
  showAsides(aside, terminal)
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
    p.app ?? KEEPER,
    local(p.at),
    p.kind,
    showSize(p.parts.reduce((sum, part) => sum + (part.bytes ?? 0), 0)),
    Object.values(p.releases).join(', ') || '-',
  ])
  terminal.print('')
  terminal.print(table(['RESTORE POINT', 'STATE', 'OF', 'MOMENT', 'BY', 'FILES', 'RELEASE'], rows))
  if (shown.length < seen.points.length)
    terminal.print(
      terminal.paint('dim', `${seen.points.length - shown.length} older ones: inn backup list --all`),
    )
}

/** Backups of a place that are named without `--all`. */
const NAMED = 3

function placeLine(place: BackupPlace, all: boolean, terminal: Terminal): string {
  const head = `${terminal.paint('bold', `${place.app} at ${place.name}`)}  ${place.address}`
  if (place.problem !== null) return `${head}\n  ${terminal.paint('red', place.problem)}`
  const last = place.lastGood === null ? '' : `; the last good one ${ago(place.lastGood)}`
  if (place.app === KEEPER) return `${head}\n  ${count(place.snapshots, 'snapshot')}${last}`
  const backups = `${place.backups.length} of the cluster (${showSize(place.storedBytes)}), ${count(place.snapshots, 'snapshot')}`
  return `${head}\n  ${windowLines(place.window, terminal).join('\n  ')}\n  ${backups}${last}${named(place, all)}`
}

/** What `--backup` of a restore or a recovery takes. */
function named({ backups }: BackupPlace, all: boolean): string {
  if (backups.length === 0) return ''
  const shown = all ? backups : backups.slice(0, NAMED)
  const older = backups.length - shown.length
  const labels = shown.map(({ label, error }) => (error ? `${label} (damaged pages)` : label))
  return `\n  --backup ${labels.join(', ')}${older === 0 ? '' : `; ${older} older: --all`}`
}

function windowLines(window: BackupPlace['window'], { paint }: Terminal): string[] {
  if (window === null) return [paint('yellow', 'no moment can be restored yet')]
  return [
    `any moment from ${local(window.from)} to ${local(window.to)}`,
    ...window.lost.map(({ from, to }) =>
      paint('yellow', `but none from ${local(from)} to ${local(to)}: what was committed then is lost`),
    ),
  ]
}

/** inn backup show */
export async function backupShow({ client, terminal, json }: Cli, name: string): Promise<void> {
  const point = await client.get<RestorePoint>(`/api/backups/points/${encodeURIComponent(name)}`)
  if (json) return printJson(point)
  terminal.print(
    `${terminal.paint('bold', point.name)}  ${terminal.paint(STATES[point.state], point.state)}  ${local(point.at)}`,
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
