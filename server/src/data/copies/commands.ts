import { below, type CommandLine, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const copy = below(program.command('copies').description('copies of an app at a moment, to look at'))
  copy('list', 'what they are, and when they go', 'inn copies', { isDefault: true })
    .option('--url', 'their addresses too, with the passwords of the database in them')
    .action(async flags => (await load()).copiesList(await cli(flags), flags))
  copy('remove <name>', 'remove one before its time', 'inn copies remove look')
    .addOption(plan())
    .addOption(wait())
    .action(async (name, flags) => (await load()).copiesRemove(await cli(flags), name, flags))
}
