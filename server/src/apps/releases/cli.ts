import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { showDuration } from '../../kernel/durations.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { Release } from './wire.ts'

/** inn releases [app] */
export async function releases(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const all = await client.get<Release[]>(at`/api/apps/${await appName(cli, named)}/releases`)
  if (json) return printJson(all)
  const mark = (r: Release) =>
    r.live.length > 0 ? terminal.paint('green', 'live') : r.warm ? terminal.paint('yellow', 'warm') : r.state
  const rows = all.map(r => [
    r.id,
    mark(r),
    `${showDuration(Date.now() - Date.parse(r.createdAt))} ago`,
    r.actor,
    r.sizeBytes === null ? '-' : r.builtIn === r.id ? showSize(r.sizeBytes) : `files of ${r.builtIn}`,
    r.migrations.join(', ') || '-',
    r.commit ?? '-',
  ])
  terminal.print(table(['RELEASE', 'STATE', 'MADE', 'BY', 'SIZE', 'MIGRATIONS', 'COMMIT'], rows))
}
