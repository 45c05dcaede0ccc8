import { at } from '../../cli/client.ts'
import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'
import type { DatabaseFinding, DatabaseHealth } from './wire.ts'

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
