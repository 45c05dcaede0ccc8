import { resolve } from 'node:path'
import type { Checkout } from '../../cli/checkout.ts'
import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { readAppFile } from '../../cli/file.ts'
import { keyOf } from '../../cli/name.ts'
import { table } from '../../cli/terminal.ts'
import { invalid, readConfig } from '../../config/read.ts'
import { EXIT } from '../../kernel/exit.ts'
import { count } from '../../kernel/words.ts'
import { sendSource } from '../deploys/cli-source.ts'
import { lasting } from './notices.ts'
import { RULES } from './rules.ts'
import type { LintFinding, LintReport } from './wire.ts'

const MARKS = { bad: ['red', '✗'], warning: ['yellow', '!'], note: ['dim', '·'] } as const

/** inn db lint --rules */
export function rules({ terminal, json }: Cli): void {
  if (json) printJson(RULES)
  else
    terminal.print(
      table(
        ['RULE', 'FINDS'],
        Object.entries(RULES).map(([rule, { what }]) => [rule, what]),
      ),
    )
}

/** inn db lint [folder] */
export async function lint(
  cli: Cli,
  folder: string,
  flags: { environment?: string },
  checkout: Checkout,
): Promise<void> {
  const root = resolve(folder)
  const { config, problems, lineOf } = readConfig(await readAppFile(root), flags.environment)
  if (config === null) throw invalid(problems)
  const app = keyOf(config.name, flags.environment)
  const { digest } = await sendSource(root, cli.client, { checkout, read: { config, lineOf } })
  const found = await cli.client.post<LintReport>(at`/api/apps/${app}/lint`, { upload: digest })
  if (found.findings.some(({ level, allowed }) => level === 'bad' && allowed === null))
    process.exitCode = EXIT.failed
  if (found.why !== null) process.exitCode = EXIT.failed
  if (cli.json) return printJson(found)
  cli.terminal.print(summary(found))
  for (const one of found.findings) show(cli, one)
  if (found.pending.length > 0 && found.findings.length === 0)
    cli.terminal.print(cli.terminal.paint('green', 'nothing is wrong with them'))
}

function summary({ app, tool, folder, pending, asked, why, servedSince }: LintReport): string {
  if (tool === null)
    return `no migrations were found; \`migrations:\` in innkeeper.yaml says where they are`.replaceAll(
      '`',
      '',
    )
  if (why !== null) return `nothing was judged: ${why}`
  if (pending.length === 0) return `${app} has all migrations of ${folder} (${tool})`
  const known =
    asked === 'none'
      ? '; there is no database yet, so nobody waits for anything'
      : servedSince === null
        ? '; nobody counts what the release that serves asks'
        : ''
  return `${count(pending.length, 'migration')} of ${folder} (${tool}) ${pending.length === 1 ? 'is' : 'are'} pending${known}`
}

function show({ terminal }: Cli, one: LintFinding): void {
  const [style, mark] = one.allowed === null ? MARKS[one.level] : (['dim', '✓'] as const)
  const where = one.line === null ? one.migration : `${one.migration}:${one.line}`
  const takes = one.takesMs === null ? '' : `, ${lasting(one.takesMs)}`
  terminal.print(`\n${terminal.paint(style, mark)} ${one.what}`)
  terminal.print(`    ${terminal.paint('dim', `${where}  ${one.rule}${takes}`)}`)
  if (one.allowed !== null) {
    terminal.print(`    allowed: ${one.allowed}`)
    return
  }
  terminal.print(`    ${one.why}`)
  for (const statement of one.safe) terminal.print(`    ${terminal.paint('cyan', `${statement};`)}`)
  if (one.fix !== null) terminal.print(`    ${one.fix.replaceAll('`', '')}`)
}
