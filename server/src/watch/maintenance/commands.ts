import { below, type CommandLine, collect } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const maintenance = below(
    program
      .command('maintenance')
      .description('times in which people work on an app: announced, visitors kept out, its alerts quiet'),
  )
  maintenance('list', 'those to come, and the last ones', 'inn maintenance', { isDefault: true }).action(
    async flags => (await load()).maintenanceList(await cli(flags)),
  )
  maintenance(
    'plan [app]',
    'keep visitors out for a time, now or later',
    "inn maintenance plan shop --at 'Sunday 02:00' --for 2h --text 'New rooms at four'",
  )
    .requiredOption('--at <moment>', "when it begins: 'Sunday 02:00', 'tomorrow 02:00', 'in 2h', now")
    .requiredOption('--for <duration>', 'how long it lasts')
    .option('--text <text>', "what the page says; left out: the app's own page for 503, or a plain one")
    .option('--allow <address>', 'an address or a range that gets in all the same', collect)
    .option(
      '--run <command>',
      'a command in the release that serves, once visitors are kept out; several: in turn',
      collect,
    )
    .option('--zone <zone>', 'of the moment; default: that of this terminal')
    .action(async (app, flags) => (await load()).maintenancePlan(await cli(flags), app, flags))
  maintenance('end <id>', 'let visitors in again, or cancel what is planned', 'inn maintenance end 3').action(
    async (id, flags) => (await load()).maintenanceEnd(await cli(flags), id),
  )
}
