import { at } from '../../cli/client.ts'
import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'
import type { DatabaseFinding, DatabaseHealth, DatabaseTuning } from './wire.ts'

const MARKS = { bad: ['red', '✗'], warning: ['yellow', '!'], note: ['dim', '·'] } as const

/** inn db doctor */
export async function doctor(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const found = await client.get<DatabaseHealth>(at`/api/apps/${await appName(cli, named)}/database`)
  if (found.findings.some(({ level }) => level === 'bad')) process.exitCode = 1
  if (json) return printJson(found)
  const { app, bytes, tables, connections, fromMemory } = found
  const memory = fromMemory === null ? '' : `, ${(fromMemory * 100).toFixed(1)} % of its blocks from memory`
  terminal.print(
    `${app}: ${showSize(bytes)} in ${count(tables, 'table')}, ${connections.used} of ${connections.most} connections${memory}`,
  )
  if (found.largest.length > 0) terminal.print(`\n${largest(found)}\n`)
  for (const one of found.findings) show(cli, one)
  if (found.findings.length === 0) terminal.print(terminal.paint('green', 'nothing is wrong with it'))
}

const largest = ({ largest: all }: DatabaseHealth): string =>
  table(
    ['TABLE', 'SIZE', 'INDEXES', 'ROWS', 'DEAD', 'VACUUMED'],
    all.map(one => [
      ...[one.name, showSize(one.bytes), showSize(one.indexBytes)],
      ...[one.rows, one.deadRows].map(n => Math.round(n).toLocaleString('en-US')),
      one.vacuumedAt === null ? 'never' : local(one.vacuumedAt).slice(0, 16),
    ]),
  )

function show({ terminal }: Cli, { level, what, why, sql, fix }: DatabaseFinding): void {
  const [style, mark] = MARKS[level]
  terminal.print(`${terminal.paint(style, mark)} ${what}`)
  terminal.print(`    ${why}`)
  for (const statement of sql) terminal.print(`    ${terminal.paint('cyan', `${statement};`)}`)
  if (fix !== null) terminal.print(`    ${fix.replaceAll('`', '')}`)
}

/** inn db vacuum */
export async function vacuum(
  cli: Cli,
  named: string | undefined,
  flags: { plan?: boolean; table?: string },
): Promise<void> {
  await change(cli, {
    path: at`/api/apps/${await appName(cli, named)}/vacuum`,
    body: { table: flags.table ?? null },
    plan: flags.plan === true,
  })
}

const STATES = { fits: '', start: 'at its next start', set: 'set by somebody, which holds' } as const

/** inn db tune */
export async function tune(
  cli: Cli,
  named: string | undefined,
  flags: { plan?: boolean; apply?: boolean },
): Promise<void> {
  const path = at`/api/apps/${await appName(cli, named)}/tuning`
  if (flags.apply === true || flags.plan === true)
    return change(cli, { path, body: {}, plan: flags.plan === true })
  const found = await cli.client.get<DatabaseTuning>(path)
  if (cli.json) return printJson(found)
  const { sizes, settings, app } = found
  cli.terminal.print(
    `${showSize(sizes.memory)} of memory, ${count(sizes.cores, 'core')}, ${count(sizes.clusters, 'cluster')} on it\n`,
  )
  cli.terminal.print(
    table(
      ['SETTING', 'RUNS WITH', 'FITS', 'STATE', 'FOR'],
      settings.map(one => [one.name, one.runs, one.wanted, STATES[one.state], one.about.replaceAll('`', '')]),
    ),
  )
  if (settings.some(({ state }) => state === 'start'))
    cli.terminal.print(
      `\n${cli.terminal.paint('bold', `inn db tune ${app} --apply`)} starts it anew with them`,
    )
}
