import { among, type CommandLine } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  among(program, 'db', "the app's database")(
    'pooling [app]',
    'how full the pooler of the app is, and how its connections are divided',
    'inn db pooling shop',
  ).action(async (app, flags) => (await import('./cli.ts')).pooling(await cli(flags), app))
}
