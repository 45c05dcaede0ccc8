import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import type { Placement } from './wire.ts'

/** inn where [app] */
export async function where({ client, json, terminal }: Cli, named: string | undefined): Promise<void> {
  const names =
    named === undefined
      ? (await client.get<{ apps: Array<{ name: string }> }>('/api/status')).apps.map(({ name }) => name)
      : [named]
  const all = await Promise.all(names.map(name => client.get<Placement>(at`/api/apps/${name}/placement`)))
  if (json) return printJson(all)
  if (all.length === 0) terminal.print('no app yet: inn deploy, in the folder of one')
  for (const { app, environment, host, release, placed } of all) {
    terminal.print(
      `${terminal.paint('bold', app)}  ${environment}, on ${host}, ${release ?? 'nothing serves'}`,
    )
    if (placed.length > 0)
      terminal.print(
        table(
          ['WHAT', 'WHERE', 'WHY'],
          placed.map(({ what, where, why }) => [what, where, why]),
        ),
      )
    terminal.print('')
  }
}
