import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import type { AuditEntry } from './wire.ts'

/** inn audit [app]. `who`: part of the name of a person or a token. */
export async function audit(
  cli: Cli,
  app: string | undefined,
  { lines, who }: { lines: number; who?: string },
): Promise<void> {
  const query = new URLSearchParams({
    limit: String(lines),
    ...(app !== undefined && { app }),
    ...(who !== undefined && { actor: who }),
  })
  const entries = await cli.client.get<AuditEntry[]>(`/api/audit?${query}`)
  if (cli.json) return printJson(entries)
  if (entries.length === 0) return cli.terminal.note('nothing was done yet')
  const rows = entries.map(one => [
    local(one.at),
    one.actor,
    one.action,
    one.app ?? '-',
    one.outcome,
    one.detail,
  ])
  cli.terminal.print(table(['WHEN', 'WHO', 'DID', 'APP', 'OUTCOME', 'WHAT'], rows))
}
