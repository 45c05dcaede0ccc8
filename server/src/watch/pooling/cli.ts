import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { showDuration } from '../../kernel/durations.ts'
import { count } from '../../kernel/words.ts'
import type { Pooling } from './wire.ts'

/** inn db pooling [app] */
export async function pooling(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const found = await client.get<Pooling>(at`/api/apps/${await appName(cli, named)}/pooling`)
  if (json) return printJson(found)
  const { active, waiting, waitMs, used, free, size, clients, processes, poolSize } = found
  const most = processes * poolSize
  terminal.print(
    table(
      ['', 'NOW', 'AT MOST'],
      [
        ['clients with a connection', String(active), String(size)],
        [
          'clients that wait',
          `${waiting}${waiting === 0 ? '' : `, ${showDuration(waitMs)}`}`,
          String(clients),
        ],
        ['connections to PostgreSQL', `${used} used, ${free} free`, String(size)],
      ],
    ),
  )
  terminal.note(
    `${count(processes, 'instance')} × DATABASE_POOL_SIZE ${poolSize} = ${count(most, 'client')}, in a switch ${2 * most}; the pooler takes ${clients}, and they share ${count(size, 'connection')}`,
  )
}
