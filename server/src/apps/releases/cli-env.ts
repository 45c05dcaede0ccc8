import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import type { EnvName } from './wire.ts'

/** inn env [app] */
export async function env(cli: Cli, named: string | undefined): Promise<void> {
  const all = await cli.client.get<EnvName[]>(at`/api/apps/${await appName(cli, named)}/env`)
  if (cli.json) return printJson(all)
  cli.terminal.print(
    table(
      ['SERVICE', 'NAME', 'FROM'],
      all.map(one => [one.service, one.name, one.origin]),
    ),
  )
}
