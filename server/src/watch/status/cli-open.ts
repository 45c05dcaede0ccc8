import { type Cli, printJson } from '../../cli/command.ts'
import type { Tunnel } from '../../cli/tunnel.ts'
import type { Status } from './wire.ts'

/** inn open */
export async function open(cli: Cli): Promise<void> {
  const { keeper, host } = await cli.client.get<Status>('/api/status')
  if (cli.tunnel !== null) return openThere(cli, cli.tunnel, keeper.url)
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

/** The dashboard of another server, on a port of this machine, until Ctrl-C. */
async function openThere(cli: Cli, tunnel: Tunnel, url: string): Promise<void> {
  const here = `http://127.0.0.1:${await tunnel.forward(Number(new URL(url).port))}`
  if (cli.json) printJson({ url: here })
  else {
    cli.terminal.print(here)
    cli.terminal.print(cli.terminal.paint('dim', `the dashboard of ${tunnel.destination}, until Ctrl-C`))
  }
  await tunnel.ended()
}
