import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import type { AuditEntry } from './wire.ts'

/** inn audit */
export async function audit(cli: Cli, most: number): Promise<void> {
  const entries = (await cli.client.get<AuditEntry[]>('/api/audit')).slice(0, most)
  if (cli.json) return printJson(entries)
  if (entries.length === 0) return cli.terminal.note('nothing was done yet')
  const rows = entries.map(one => [
    `${one.at.slice(0, 19)}Z`,
    one.actor,
    one.action,
    one.app ?? '-',
    one.outcome,
    one.detail,
  ])
  cli.terminal.print(table(['WHEN', 'WHO', 'DID', 'APP', 'OUTCOME', 'WHAT'], rows))
}
