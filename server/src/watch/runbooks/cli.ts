import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { numberOf } from '../../cli/numbers.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { plain } from '../../kernel/output.ts'
import { given, type OfApp, query, walkThrough } from './cli-walk.ts'
import type { RunbookText, RunbookView, WalkSummary, WalkView } from './wire.ts'

/** inn runbook list */
export async function runbookList({ client, terminal, json }: Cli, flags: OfApp): Promise<void> {
  const all = await client.get<RunbookView[]>(`/api/runbooks${query(flags)}`)
  if (json) return printJson(all)
  const rows = all.map(one => [
    one.name,
    one.title,
    one.app ?? 'innkeeper',
    one.problems.length > 0
      ? terminal.paint('red', 'cannot be walked')
      : one.safe
        ? 'may run by itself'
        : '-',
    one.tried === null ? 'never' : `${local(one.tried.at).slice(0, 10)} ${one.tried.by}`,
  ])
  terminal.print(table(['NAME', 'TITLE', 'FROM', 'STATE', 'LAST TRIED'], rows))
}

/** inn runbook show */
export async function runbookShow({ client, json }: Cli, name: string, flags: OfApp): Promise<void> {
  const found = await client.get<RunbookText>(at`/api/runbooks/${name}` + query(flags))
  if (json) return printJson(found)
  process.stdout.write(`${plain(found.text).trimEnd()}\n`)
}

interface RunFlags extends OfApp {
  incident?: string
  plan?: boolean
  set?: string[]
  yes?: boolean
}

/** inn runbook run */
export async function runbookRun(cli: Cli, name: string, flags: RunFlags): Promise<void> {
  const values = given(flags.set)
  const begun = await cli.client.post<WalkView>(at`/api/runbooks/${name}/walks`, {
    app: flags.app ?? null,
    incident:
      flags.incident === undefined ? null : Number(numberOf(flags.incident, 'an incident', 'inn incident')),
    dry: flags.plan === true,
  })
  await walkThrough(cli, begun, { values, yes: flags.yes === true })
}

/** inn runbook go-on */
export async function runbookGoOn(cli: Cli, id: string, flags: RunFlags): Promise<void> {
  const values = given(flags.set)
  const walk = await cli.client.get<WalkView>(at`/api/walks/${walkNumber(id)}`)
  await walkThrough(cli, walk, { values, yes: flags.yes === true })
}

/** inn runbook act */
export async function runbookAct(
  cli: Cli,
  { walk, step, what }: { walk: string; step: string; what: string },
  flags: RunFlags,
): Promise<void> {
  const { terminal, client, json } = cli
  const item = Number(numberOf(step, 'a step', 'inn runbook go-on')) - 1
  const done = await client.post<WalkView>(at`/api/walks/${walkNumber(walk)}/act`, {
    ...{ item, act: what, values: given(flags.set) },
  })
  if (json) return printJson(done)
  terminal.print(`${done.items[item]!.state}; inn runbook go-on ${done.id} shows what comes next`)
}

/** inn runbook stop */
export async function runbookStop({ client, terminal, json }: Cli, id: string): Promise<void> {
  const stopped = await client.post<WalkView>(at`/api/walks/${walkNumber(id)}/stop`, {})
  if (json) return printJson(stopped)
  terminal.print(`walk ${stopped.id} through ${stopped.runbook} is stopped; what was done stays done`)
  const going = stopped.items.find(({ state }) => state === 'running')
  if (going !== undefined) terminal.print(`this goes on to its end: ${going.text}`)
}

/** inn runbook walks */
export async function runbookWalks({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<WalkSummary[]>('/api/walks')
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('nobody has walked through one yet; inn runbook lists them')
  const rows = all.map(one => [
    ...[
      String(one.id),
      one.runbook,
      one.app ?? '-',
      one.dry ? 'plan' : one.state,
      local(one.begunAt),
      one.by,
    ],
    one.incident === null ? '-' : `incident ${one.incident}`,
  ])
  terminal.print(table(['ID', 'RUNBOOK', 'APP', 'STATE', 'BEGAN', 'BY', 'OF'], rows))
}

const walkNumber = (id: string): string => numberOf(id, 'a walk', 'inn runbook walks')
