import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'checkins [app]',
    'jobs that must call an address: what they said last, and when they are expected',
    'inn checkins shop',
  ).action(async (app, flags) => (await import('./cli.ts')).checkinsList(await cli(flags), app))
}
