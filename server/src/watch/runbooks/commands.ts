import { Argument } from 'commander'
import { below, type CommandLine, collect, environment, plan } from '../../cli/options.ts'

export function commands({ program, cli, checkout }: CommandLine): void {
  const load = () => import('./cli.ts')
  const runbook = below(
    program.command('runbook').description('what to do when something is wrong, step by step'),
  )
  runbook('list', 'runbooks of an app, and those that come with Innkeeper', 'inn runbook --app shop', {
    isDefault: true,
  })
    .option('--app <app>', 'with those in the repository of this app')
    .addOption(environment())
    .action(async flags => (await load()).runbookList(await cli(flags), flags))
  runbook('show <name>', 'the text of one', 'inn runbook show database-locked')
    .option('--app <app>', 'as it is in the repository of this app, if it is')
    .addOption(environment())
    .action(async (name, flags) => (await load()).runbookShow(await cli(flags), name, flags))
  runbook(
    'run <name>',
    'walk through one: what looks is done, what changes is asked about',
    'inn runbook run database-locked --app shop',
  )
    .option('--app <app>', 'the app that it is about')
    .addOption(environment())
    .option('--incident <id>', 'keep what is found in this incident; default: the open one of the app')
    .addOption(plan())
    .option('--set <name=value>', 'a value that a step wants; several times for several', collect)
    .option('--yes', 'do each step that changes something without asking; questions are still asked')
    .action(async (name, flags) => (await load()).runbookRun(await cli(flags), name, flags))
  runbook('go-on <walk>', 'take up a walk that was left', 'inn runbook go-on 7')
    .option('--set <name=value>', 'a value that a step wants; several times for several', collect)
    .option('--yes', 'do each step that changes something without asking; questions are still asked')
    .action(async (walk, flags) => (await load()).runbookGoOn(await cli(flags), walk, flags))
  runbook('act <walk> <step>', 'do, answer or leave out one step, as scripts do it', 'inn runbook act 7 3 no')
    .addArgument(new Argument('<what>', 'what is done with it').choices(['do', 'yes', 'no', 'skip']))
    .option('--set <name=value>', 'a value that the step wants; several times for several', collect)
    .action(async (walk, step, what, flags) =>
      (await load()).runbookAct(await cli(flags), { walk, step, what }, flags),
    )
  runbook('stop <walk>', 'end a walk before its end', 'inn runbook stop 7').action(async (walk, flags) =>
    (await load()).runbookStop(await cli(flags), walk),
  )
  runbook('walks', 'who walked through which runbook, newest first', 'inn runbook walks').action(
    async flags => (await load()).runbookWalks(await cli(flags)),
  )
  runbook(
    'check [folder]',
    'whether each can be walked, its links answer, and when it was last tried',
    `inn runbook check --app shop
  inn runbook check .`,
  )
    .option('--app <app>', 'with those in the repository of this app')
    .addOption(environment())
    .action(async (folder, flags) =>
      (await import('./cli-check.ts')).runbookCheck(
        await cli(flags),
        { folder, source: (await checkout()).source },
        flags,
      ),
    )
}
