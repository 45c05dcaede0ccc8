import { below, type CommandLine, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const retention = below(
    program.command('retention').description('rows that go after a time, and the archives of them'),
  )
  retention(
    'plan [app]',
    'what the rules would do now, rule by rule, with counts; nothing is locked or changed',
    'inn retention plan shop',
  ).action(async (app, flags) => (await load()).retentionPlan(await cli(flags), app))
  retention(
    'run [app] [rule]',
    'do now what the rules say, or one of them, without waiting for its schedule',
    `inn retention run shop
  inn retention run shop old-orders`,
  )
    .addOption(plan())
    .addOption(wait())
    .action(async (app, rule, flags) =>
      (await load()).retentionRun(await cli(flags), app, { ...flags, rule }),
    )
  retention(
    'list [app]',
    'what was done, newest first, and the archives that are kept',
    'inn retention list shop',
  ).action(async (app, flags) => (await load()).retentionList(await cli(flags), app))
  retention(
    'show <app> <archive>',
    'one archive: its rows, where it lies, and which run made it',
    'inn retention show shop old-orders-mimc4k2x',
  ).action(async (app, archive, flags) => (await load()).retentionShow(await cli(flags), app, archive))
  retention(
    'restore <app> <archive>',
    'put the rows of an archive back; those whose key is there stay as they are',
    `inn retention restore shop old-orders-mimc4k2x
  inn retention restore shop old-orders-mimc4k2x --copy old_orders`,
  )
    .addOption(plan())
    .addOption(wait())
    .option('--copy <name>', 'make a table of this name of them instead')
    .action(async (app, archive, flags) =>
      (await load()).retentionRestore(await cli(flags), app, { ...flags, archive }),
    )
}
