import { among, type CommandLine, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const db = among(program, 'db', "the app's database")
  db(
    'doctor [app]',
    'sizes, dead rows, indexes, sequences, settings: what is wrong with the database, and the SQL that mends it',
    'inn db doctor shop',
  ).action(async (app, flags) => (await load()).doctor(await cli(flags), app))
  db(
    'tune [app]',
    'the settings that fit the machine: what PostgreSQL runs with, and what its next start brings; --apply: start it anew now',
    `inn db tune shop
  inn db tune shop --apply --plan`,
  )
    .option('--apply', 'start it anew with them; queries fail for a second or two')
    .addOption(plan())
    .addOption(wait())
    .action(async (app, flags) => (await load()).tune(await cli(flags), app, flags))
  db(
    'vacuum [app]',
    'remove dead rows and count anew, in tables that need it; the app goes on',
    `inn db vacuum shop
  inn db vacuum shop --table guest`,
  )
    .addOption(plan())
    .addOption(wait())
    .option('--table <name>', 'this table, whether it needs it or not')
    .action(async (app, flags) => (await load()).vacuum(await cli(flags), app, flags))
}
