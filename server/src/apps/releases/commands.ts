import { among, type CommandLine, collect, envFile } from '../../cli/options.ts'

export function commands({ program, sub, cli }: CommandLine): void {
  sub('releases [app]', 'releases, newest first', 'inn releases shop').action(async (app, flags) =>
    (await import('./cli.ts')).releases(await cli(flags), app),
  )
  sub(
    'run <command...>',
    'one command in the release that serves, with its environment, as its user; its input, its two outputs and its exit code are those of the command',
    `inn run --app shop -- node dist/seed.js
  inn run --app shop -- pg_dump --format=custom > shop.dump
  inn run --app shop -- psql`,
  )
    .alias('exec')
    .option('--app <name>', 'the app')
    .option('--service <name>', 'in the folder of this service')
    .option('--release <id>', 'in this release')
    .option('--env <NAME>', 'one more variable, taken from this shell, or NAME=value', collect)
    .addOption(envFile())
    .option('--no-terminal', 'no terminal for the command, even when there is one here')
    .passThroughOptions()
    .action(async (argv: string[], flags) =>
      (await import('./cli-run.ts')).run(await cli(flags), argv, flags),
    )
  sub(
    'env [app]',
    'the variables of each service: names and where they come from, no values',
    'inn env shop',
  ).action(async (app, flags) => (await import('./cli-env.ts')).env(await cli(flags), app))
  among(program, 'db', "the app's database")(
    'shell [app]',
    'psql in the database of an app, with the rights of the app',
    `inn db shell shop
  echo 'drop table guest_then' | inn db shell shop --owner`,
  )
    .option(
      '--owner',
      'with the rights of the owner, who may change and drop tables, as a release step has them',
    )
    .option('--copy <name>', 'in this copy of the database (inn copies)')
    .action(async (app, { owner, copy, ...flags }) =>
      (await import('./cli-run.ts')).run(await cli(flags), ['psql'], {
        app,
        ...((owner || copy) && { database: { owner, copy } }),
      }),
    )
}
