import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'status [app]',
    'what serves, and how it is; the exit code is 6 when something is down',
    `inn status
  inn status shop --json
  inn status --watch`,
  )
    .option('--watch', 'again and again, until Ctrl-C')
    .action(async (app, flags) => (await import('./cli.ts')).status(await cli(flags), app, flags))
  sub('ps [app]', 'every instance: process, port, memory, restarts', 'inn ps shop').action(
    async (app, flags) => (await import('./cli.ts')).ps(await cli(flags), app),
  )
  sub('open', 'the address of the dashboard', 'inn open').action(async flags =>
    (await import('./cli-open.ts')).open(await cli(flags)),
  )
}
