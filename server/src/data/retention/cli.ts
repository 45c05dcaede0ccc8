import { at } from '../../cli/client.ts'
import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { RetentionArchive, RetentionCounts, RetentionList, RetentionReceipt } from './wire.ts'

const figure = (n: number): string => Math.round(n).toLocaleString('en-US')

/** inn retention plan */
export async function retentionPlan(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const app = await appName(cli, named)
  const found = await client.get<RetentionCounts>(at`/api/apps/${app}/retention/counts`)
  if (found.rules.some(({ problem }) => problem !== null)) process.exitCode = 1
  if (json) return printJson(found)
  if (found.rules.length === 0) return terminal.print(`${app} has no rules: retention: in innkeeper.yaml`)
  const rows = found.rules.map(one => [
    ...[one.rule, one.table, one.action, figure(one.rows), showSize(one.bytes)],
    one.kept === 0 ? '' : `${figure(one.kept)} stay: others refer to them`,
  ])
  terminal.print(table(['RULE', 'TABLE', 'DOES', 'ROWS', 'SIZE', ''], rows))
  for (const { rule, problem } of found.rules)
    if (problem !== null)
      terminal.print(`${terminal.paint('red', '✗')} ${rule}: ${problem.replaceAll('`', '')}`)
}

/** inn retention run */
export async function retentionRun(
  cli: Cli,
  named: string | undefined,
  { rule, plan = false }: { rule?: string; plan?: boolean },
): Promise<void> {
  const app = await appName(cli, named)
  await change(cli, { path: at`/api/apps/${app}/retention`, body: { rule: rule ?? null }, plan })
}

const STATES = { running: 'yellow', done: 'green', stopped: 'dim', failed: 'red' } as const

/** inn retention list */
export async function retentionList(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const app = await appName(cli, named)
  const found = await client.get<RetentionList>(at`/api/apps/${app}/retention`)
  if (json) return printJson(found)
  const { rules, receipts, archives } = found
  if (rules.length === 0 && receipts.length === 0)
    return terminal.print(`${app} has no rules: retention: in innkeeper.yaml`)
  for (const { rule, nextAt } of rules)
    terminal.print(`${rule}: ${nextAt === null ? 'never by itself' : `next ${local(nextAt)}`}`)
  if (receipts.length === 0) return terminal.print(`nothing was done yet: inn retention plan ${app}`)
  terminal.print(`\n${table(['WHEN', 'RULE', 'STATE', 'ROWS', 'KEPT', 'BY', ''], receipts.map(lineOf(cli)))}`)
  if (archives.length === 0) return
  const lines = archives.map(one => [
    ...[one.id, local(one.at), one.table, figure(one.rows), showSize(one.bytes)],
    one.places.map(({ place }) => place).join(', '),
  ])
  terminal.print(`\n${table(['ARCHIVE', 'WHEN', 'TABLE', 'ROWS', 'SIZE', 'PLACES'], lines)}`)
}

const lineOf =
  ({ terminal }: Cli) =>
  (one: RetentionReceipt): string[] => [
    ...[local(one.startedAt), one.rule, terminal.paint(STATES[one.state], one.state), figure(one.rows)],
    ...[figure(one.kept), one.by, one.error === null ? '' : one.error.split('\n')[0]!.replaceAll('`', '')],
  ]

/** inn retention show */
export async function retentionShow(cli: Cli, app: string, id: string): Promise<void> {
  const { client, terminal, json } = cli
  const { archives } = await client.get<RetentionList>(at`/api/apps/${app}/retention`)
  const found = archives.find(one => one.id === id)
  if (found === undefined) throw unknown(app, id)
  if (json) return printJson(found)
  terminal.print(described(found).join('\n'))
  terminal.print(`inn retention restore ${app} ${id} brings them back`)
}

const described = ({
  id,
  rule,
  table: of,
  at: made,
  rows,
  bytes,
  sha256,
  places,
  run,
}: RetentionArchive): string[] => [
  `${id}: ${figure(rows)} rows of ${of}, by the rule ${rule}, ${local(made)}`,
  `${showSize(bytes)}, sha256 ${sha256}`,
  ...places.map(({ place, snapshot }) => `at ${place}: snapshot ${snapshot}`),
  `made by the run ${run}`,
]

const unknown = (app: string, id: string): Failure =>
  new Failure('retention.archive', `${app} has no archive ${id}`, {
    why: 'it was never made, or was mistyped',
    fix: `\`inn retention list ${app}\` shows them`,
  })

/** inn retention restore */
export async function retentionRestore(
  cli: Cli,
  app: string,
  { archive, copy, plan = false }: { archive: string; copy?: string; plan?: boolean },
): Promise<void> {
  await change(cli, {
    path: at`/api/apps/${app}/retention/restore`,
    body: { archive, copy: copy ?? null },
    plan,
  })
}
