import { among, type CommandLine } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  among(program, 'db', "the app's database")(
    'slow [app]',
    'the statements that took most of the time of the database',
    'inn db slow shop',
  ).action(async (app, flags) => (await import('./cli.ts')).slow(await cli(flags), app))
}
