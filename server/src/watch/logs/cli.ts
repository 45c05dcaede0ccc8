import { at } from '../../cli/client.ts'
import { appName, type Cli } from '../../cli/command.ts'
import { local } from '../../cli/times.ts'
import { parseDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { jsonText } from '../../kernel/output.ts'
import type { LogLine } from './wire.ts'

export interface LogFlags {
  follow?: boolean
  since?: string
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
  if (flags.since !== undefined) query.set('sinceMs', String(sinceOf(flags.since)))
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

function sinceOf(text: string): number {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  throw new Failure('usage.since', `--since ${text} is not a duration`, {
    why: 'it wants a number and a unit',
    fix: '--since 1h, 10m or 2d',
  })
}
