import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'where [app]',
    'where each part of an app is: processes, ports, data, folders, backups; and why there',
    `inn where
  inn where shop@staging --json`,
  ).action(async (app, flags) => (await import('./cli.ts')).where(await cli(flags), app))
}
