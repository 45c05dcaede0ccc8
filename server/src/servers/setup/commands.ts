import { InvalidArgumentError } from 'commander'
import { plan, type Sub } from '../../cli/options.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Flags, SetupTools } from './cli-tools.ts'

const port = (text: string, all: number[] = []): number[] => {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return [...all, Number(text)]
  throw new InvalidArgumentError('It wants the number of a TCP port.')
}

/** Below `inn server`. They run without a keeper, so what they need of the machine comes from whoever starts them. */
export function setupCommands(server: Sub, tools: () => Promise<SetupTools>): void {
  server(
    'setup [server]',
    'set a new server up: packages, firewall, swap, time, security updates, Innkeeper; a second time changes nothing',
    `inn server setup root@shop.example.com --plan
  inn server setup root@shop.example.com
  inn server setup --local`,
  )
    .addOption(plan())
    .option('--local', 'this machine')
    .option('--yes', 'do not ask')
    .option('--harden-ssh', 'sshd takes keys and no passwords')
    .option(
      '--open <port>',
      'leave this TCP port open too; may be given several times, later runs keep it',
      port,
    )
    .option('--keep-firewall', 'the firewall stays without a confirmation: at a console, in cloud-init')
    .option('--confirm', 'say by a new ssh connection that the server is still reached: the firewall stays')
    .action(async (address: string | undefined, flags: Flags) => setup(await tools(), address, flags))
  server(
    'report',
    'what is set on this server, what changed since, which updates wait, and whether it has to restart',
    'inn server report',
  ).action(async (flags: Flags) => (await import('./cli-report.ts')).report(await tools(), flags))
}

async function setup(tools: SetupTools, address: string | undefined, flags: Flags): Promise<void> {
  if (flags.confirm) return (await import('./cli-local.ts')).confirm(tools, flags)
  if ((address === undefined) === !flags.local)
    throw new Failure('usage.setup', 'which server is to be set up?', {
      why: address === undefined ? 'no server is named' : 'a server is named, and --local is this machine',
      fix: '`inn server setup root@server`, or `inn server setup --local` for this machine',
    })
  if (address === undefined) return (await import('./cli-local.ts')).local(tools, flags)
  await (await import('./cli-there.ts')).there(tools, address, flags)
}
