import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { local } from '../../cli/times.ts'
import { parseDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { jsonText } from '../../kernel/output.ts'
import { readMoment } from '../../kernel/when.ts'
import { count, list } from '../../kernel/words.ts'
import type { LogErrors, LogLine } from './wire.ts'

export interface LogFlags {
  follow?: boolean
  since?: string
  until?: string
  field?: string[]
  lines?: number
  level?: string
  grep?: string
  service?: string
  release?: string
}

const STYLE = { debug: 'dim', info: 'cyan', warn: 'yellow', error: 'red' } as const

/** inn logs [app] */
export async function logs(cli: Cli, named: string | undefined, flags: LogFlags): Promise<void> {
  const { client, terminal, json } = cli
  const name = await appName(cli, named)
  const query = new URLSearchParams({
    lines: String(flags.lines ?? (flags.since === undefined ? 100 : 10_000)),
  })
  for (const [key, value] of timesOf(flags, Date.now())) query.set(key, String(value))
  for (const field of flags.field ?? []) query.append('field', fieldOf(field))
  for (const key of ['level', 'grep', 'service', 'release'] as const)
    if (flags[key] !== undefined) query.set(key, flags[key])
  const show = (line: LogLine) => {
    if (json) return process.stdout.write(`${jsonText(line, 0)}\n`)
    const text = line.level === null ? line.text : terminal.paint(STYLE[line.level], line.text)
    terminal.print(
      `${terminal.paint('dim', `${local(line.at)} ${line.service}.${line.n} ${line.release}`)} ${text}`,
    )
  }
  const path = at`/api/apps/${name}/logs`
  if (flags.follow) {
    for await (const line of client.events<LogLine>(`${path}?${query}&follow=true`)) show(line)
    return
  }
  const all = await client.get<LogLine[]>(`${path}?${query}`)
  for (const line of all) show(line)
  if (all.length === 0 && !json) terminal.note('no line matches')
}

/** How many kinds are shown where a person reads. */
const SHOWN = 20

/** inn errors [app] */
export async function errors(cli: Cli, named: string | undefined, flags: LogFlags): Promise<void> {
  const { client, terminal, json } = cli
  const name = await appName(cli, named)
  const query = new URLSearchParams()
  for (const [key, value] of timesOf(flags, Date.now())) query.set(key, String(value))
  for (const key of ['service', 'release'] as const) if (flags[key] !== undefined) query.set(key, flags[key])
  const all = await client.get<LogErrors>(`${at`/api/apps/${name}/errors`}?${query}`)
  if (json) return printJson(all)
  const { groups, others } = all
  if (groups.length === 0) return terminal.note(`${name} logged no error since ${local(all.from)}`)
  for (const { count: times, first, last, releases, services, shape } of groups.slice(0, SHOWN)) {
    const when = times === 1 ? local(last) : `${local(first)} to ${local(last)}`
    terminal.print(`${terminal.paint('red', `${times}×`)} ${shape}`)
    terminal.print(terminal.paint('dim', `   ${when}, ${list(services)}, ${list(releases)}`))
  }
  const left = groups.slice(SHOWN).reduce((sum, group) => sum + group.count, others)
  if (left > 0) terminal.note(`and ${count(left, 'error')} of other kinds: \`--json\` has them`)
}

/** `--since 1h` is counted from the keeper's now; a time is one by the clock of this terminal. */
function timesOf({ since, until }: LogFlags, now: number): Array<[string, number]> {
  const times: Array<[string, number]> = []
  const lasting = since === undefined ? null : parseDuration(since)
  if (lasting !== null) times.push(['sinceMs', lasting])
  else if (since !== undefined) times.push(['from', timeOf('--since', since, now)])
  const ago = until === undefined ? null : parseDuration(until)
  if (ago !== null) times.push(['until', now - ago])
  else if (until !== undefined) times.push(['until', timeOf('--until', until, now)])
  return times
}

function timeOf(option: string, text: string, now: number): number {
  try {
    return readMoment(text, { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, now })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'moment.unreadable') throw error
    throw new Failure('usage.time', `${option} ${text} is no time`, {
      why: 'it wants how long ago that was, or a time of day, with a date where it is older than a day',
      fix: `write ${option} 1h, ${option} 14:30, ${option} 'yesterday 22:00' or ${option} '2026-11-20 10:00'`,
    })
  }
}

function fieldOf(text: string): string {
  if (/^[^=]+=/.test(text)) return text
  throw new Failure('usage.field', `--field ${text} has no value`, {
    why: 'it wants a name, =, and the value that lines must have there',
    fix: '--field user=7 or --field req.method=POST',
  })
}
