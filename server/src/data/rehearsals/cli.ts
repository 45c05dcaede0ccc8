import { resolve } from 'node:path'
import { sendSource } from '../../apps/deploys/cli-source.ts'
import type { Checkout } from '../../cli/checkout.ts'
import { at } from '../../cli/client.ts'
import { type Cli, change, printJson } from '../../cli/command.ts'
import { readAppFile } from '../../cli/file.ts'
import { keyOf } from '../../cli/name.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { invalid, readConfig } from '../../config/read.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { RehearsalReport } from './wire.ts'

interface Flags {
  plan?: boolean
  last?: boolean
  environment?: string
}

/** inn db rehearse [folder] */
export async function rehearse(cli: Cli, folder: string, flags: Flags, checkout: Checkout): Promise<void> {
  const root = resolve(folder)
  const { config, problems, lineOf } = readConfig(await readAppFile(root), flags.environment)
  if (config === null) throw invalid(problems)
  const app = keyOf(config.name, flags.environment)
  const path = at`/api/apps/${app}/rehearsals`
  const newest = async () => (await cli.client.get<RehearsalReport[]>(path))[0]
  if (flags.last === true) {
    const last = await newest()
    if (last === undefined) throw none(app)
    return tell(cli, last)
  }
  const { digest } = await sendSource(root, cli.client, { checkout, read: { config, lineOf } })
  await change(cli, {
    ...{ path, body: { upload: digest }, plan: flags.plan === true },
    async shows() {
      const report = (await newest())!
      if (failed(report)) process.exitCode = EXIT.failed
      return { facts: { report }, text: `\n${textOf(report, cli.terminal)}` }
    },
  })
  if (cli.json || flags.plan === true) return
}

const failed = ({ migrations }: RehearsalReport): boolean => migrations.some(({ error }) => error !== null)

function tell(cli: Cli, report: RehearsalReport): void {
  if (failed(report)) process.exitCode = EXIT.failed
  if (cli.json) printJson(report)
  else cli.terminal.print(textOf(report, cli.terminal))
}

const ms = (n: number): string => (n < 1_000 ? `${Math.round(n)} ms` : `${(n / 1_000).toFixed(1)} s`)
const short = (sql: string): string => {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length > 70 ? `${line.slice(0, 69)}…` : line
}
const WAITS = { all: 'everybody', writes: 'whoever writes' } as const

/** What a rehearsal showed, for people. */
function textOf(report: RehearsalReport, { paint }: Pick<Terminal, 'paint'>): string {
  const { migrations, code, held, rewritten, bytes, waiting, asked } = report
  const lines = [`${report.app}, on the data of ${report.says}, at ${local(report.at)}`, '']
  for (const { name, ms: took, error } of migrations)
    lines.push(
      error === null
        ? `${paint('green', '✓')} ${name}  ${ms(took)}`
        : `${paint('red', '✗')} ${name}  ${ms(took)}  ${error}`,
    )
  for (const name of code) lines.push(`${paint('dim', '·')} ${name}  code, which only its tool can run`)
  if (migrations.length + code.length === 0) lines.push('no migration is pending')
  if (held.length > 0)
    lines.push(
      '',
      table(
        ['LOCKED', 'FOR', 'WHO WAITS', 'LOCK'],
        held.map(one => [one.table, ms(one.ms), WAITS[one.blocks], one.mode]),
      ),
    )
  if (rewritten.length > 0)
    lines.push(
      '',
      `written anew: ${rewritten.map(one => `${one.table} (${one.rows.toLocaleString('en-US')} rows)`).join(', ')}`,
    )
  if (waiting.length > 0)
    lines.push(
      '',
      table(
        ['STATEMENT OF THE APP', 'BEFORE', 'MEANWHILE'],
        waiting.slice(0, 8).map(one => [short(one.statement), ms(one.beforeMs), ms(one.duringMs)]),
      ),
    )
  const left = asked.left === 0 ? '' : `; ${asked.left} could not be asked without their values`
  lines.push('', `${asked.tried} statements of the app were asked meanwhile${left}`)
  lines.push(
    `the database grew by ${showSize(Math.max(0, bytes.database))}, and ${showSize(bytes.log)} were written to its log`,
  )
  return lines.join('\n')
}

const none = (app: string): Failure =>
  new Failure('rehearsal.none', `nothing was rehearsed for ${app}`, {
    why: 'there is no report of it',
    fix: '`inn db rehearse` in the folder of the app',
  })
