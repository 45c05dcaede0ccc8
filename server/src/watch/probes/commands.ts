import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'probes [app]',
    'what is asked besides the health of instances, and what it answered last',
    'inn probes shop',
  ).action(async (app, flags) => (await import('./cli.ts')).probesList(await cli(flags), app))
}
