import { below, type CommandLine } from '../../cli/options.ts'

export function commands({ sub }: CommandLine): void {
  const load = () => import('./cli.ts')
  const server = below(
    sub(
      'server',
      'the servers that commands go to, from your own machine by ssh',
      'inn server use prod root@shop.example.com',
    ),
  )
  server(
    'use [name] [address]',
    'send the commands that follow to this server; with an address, under a new name',
    `inn server use prod root@shop.example.com
  inn server use prod
  inn server use --here`,
  )
    .option('--here', 'to the keeper of this machine again')
    .action(async (name, address, flags) => (await load()).use(name, address, flags))
  server('list', 'their names and addresses', 'inn server list').action(async flags =>
    (await load()).list(flags),
  )
  server('forget <name>', 'forget a name', 'inn server forget prod').action(async (name, flags) =>
    (await load()).forget(name, flags),
  )
}
