import { among, type CommandLine, environment, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli, checkout }: CommandLine): void {
  const db = among(program, 'db', "the app's database")
  db(
    'rehearse [folder]',
    'run the pending migrations of a folder on a copy of the newest backup: how long they take, and who waits',
    `inn db rehearse
  inn db rehearse --last`,
  )
    .addOption(plan())
    .addOption(wait())
    .addOption(environment())
    .option('--last', 'show the newest one again')
    .action(async (folder = '.', flags) =>
      (await import('./cli.ts')).rehearse(await cli(flags), folder, flags, await checkout()),
    )
}
