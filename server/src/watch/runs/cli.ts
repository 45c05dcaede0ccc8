import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import type { RunSummary } from '../../engine/wire.ts'
import { showDuration } from '../../kernel/durations.ts'

/** inn history [app] */
export async function history(cli: Cli, named: string | undefined): Promise<void> {
  const path = named === undefined ? '/api/runs' : at`/api/apps/${named}/runs`
  const runs = await cli.client.get<RunSummary[]>(path)
  if (cli.json) return printJson(runs)
  if (runs.length === 0) return cli.terminal.note('nothing was changed yet')
  const rows = runs.map(run => [
    local(run.startedAt),
    run.title,
    run.actor,
    run.outcome ?? run.state,
    run.ms === null ? '-' : showDuration(run.ms),
    run.id,
  ])
  cli.terminal.print(table(['WHEN', 'WHAT', 'BY', 'OUTCOME', 'TOOK', 'RUN'], rows))
}
