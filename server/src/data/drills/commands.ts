import { below, type CommandLine, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const drill = below(
    program.command('drill').description('restores that are rehearsed, and what they showed'),
  )
  drill(
    'now [app]',
    'restore on a copy that nobody else sees, check it, start the app on it, and measure how long it took',
    'inn drill now shop',
  )
    .addOption(plan())
    .addOption(wait())
    .option('--point <name>', 'this restore point; default: the newest that is complete')
    .action(async (app, flags) => (await load()).drillNow(await cli(flags), app, flags))
  drill('list', 'drills, newest first, with measured RTO and RPO', 'inn drill list').action(async flags =>
    (await load()).drillList(await cli(flags)),
  )
  drill(
    'show <id>',
    'what one drill has proven, and what not',
    'inn drill show shop-20261122T040000Z',
  ).action(async (id, flags) => (await load()).drillShow(await cli(flags), id))
}
