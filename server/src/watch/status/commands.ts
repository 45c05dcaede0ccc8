import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub('status', 'what serves, and how it is', 'inn status').action(async flags =>
    (await import('./cli.ts')).status(await cli(flags)),
  )
  sub('ps [app]', 'every instance: process, port, memory, restarts', 'inn ps shop').action(
    async (app, flags) => (await import('./cli.ts')).ps(await cli(flags), app),
  )
  sub('open', 'the address of the dashboard', 'inn open').action(async flags =>
    (await import('./cli-open.ts')).open(await cli(flags)),
  )
}
