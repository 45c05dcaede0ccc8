import { at } from '../../cli/client.ts'
import { type Cli, carryOn, printJson } from '../../cli/command.ts'
import { showPlan, table } from '../../cli/terminal.ts'
import type { Approval } from '../../engine/wire-change.ts'
import { EXIT } from '../../kernel/exit.ts'
import { list as worded } from '../../kernel/words.ts'

/** inn approvals */
export async function list({ client, json, terminal }: Cli): Promise<void> {
  const all = await client.get<Approval[]>('/api/approvals')
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('nothing waits for an approval')
  const rows = all.map(one => [one.id, one.app, stateOf(one), one.plan.title, one.askedBy, one.askedAt])
  terminal.print(table(['ID', 'APP', 'STATE', 'CHANGE', 'ASKED BY', 'AT'], rows))
}

const stateOf = ({ state, needed, approvedBy }: Approval): string =>
  state === 'waiting' ? `waiting, ${approvedBy.length} of ${needed}` : state

/** inn approvals show <id> */
export async function show({ client, json, terminal }: Cli, id: string): Promise<void> {
  const found = await client.get<Approval>(at`/api/approvals/${id}`)
  if (json) return printJson(found)
  terminal.print(showPlan(found.plan, terminal))
  const by = found.approvedBy.length === 0 ? '' : `, approved by ${worded(found.approvedBy)}`
  terminal.print(`asked for by ${found.askedBy} at ${found.askedAt}${by}: ${stateOf(found)}`)
}

/** inn approvals approve <id> */
export async function approve(cli: Cli, id: string, { yes }: { yes?: boolean }): Promise<void> {
  const { client, json, terminal } = cli
  const found = await client.get<Approval>(at`/api/approvals/${id}`)
  if (!json) terminal.print(showPlan(found.plan, terminal))
  if (!yes && !json) {
    const said = terminal.interactive ? await terminal.ask(`approve it, for ${found.askedBy}? [y/N] `) : ''
    if (!/^y/i.test(said)) {
      terminal.note('nothing was approved; --yes does it without asking')
      process.exitCode = EXIT.failed
      return
    }
  }
  const now = await client.post<Approval>(at`/api/approvals/${id}/approve`, { digest: found.digest })
  if (now.run !== null) {
    const result = await carryOn(cli, now.run)
    if (json) printJson(result)
  } else if (json) printJson(now)
  else terminal.print(`approved: ${now.approvedBy.length} of ${now.needed}`)
}

/** inn approvals refuse <id> */
export async function refuse({ client, json, terminal }: Cli, id: string): Promise<void> {
  const now = await client.post<Approval>(at`/api/approvals/${id}/refuse`, {})
  if (json) return printJson(now)
  terminal.print(`refused: ${now.plan.title}`)
}
