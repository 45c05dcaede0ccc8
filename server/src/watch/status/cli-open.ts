import { type Cli, printJson } from '../../cli/command.ts'
import type { Status } from './wire.ts'

/** inn open */
export async function open(cli: Cli): Promise<void> {
  const { keeper, host } = await cli.client.get<Status>('/api/status')
  if (cli.json) return printJson({ url: keeper.url })
  const { port } = new URL(keeper.url)
  cli.terminal.print(keeper.url)
  cli.terminal.print(
    cli.terminal.paint(
      'dim',
      `it listens on loopback alone; from your own machine: ssh -L ${port}:127.0.0.1:${port} ${host.name}`,
    ),
  )
}
