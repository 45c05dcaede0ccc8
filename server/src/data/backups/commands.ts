import { Option } from 'commander'
import { below, type CommandLine, plan, wait } from '../../cli/options.ts'

const place = () => new Option('--place <name>', 'only at this place')

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const backup = below(program.command('backup').description('what there is to return to'))
  backup(
    'now [app]',
    'make a restore point of an app: database, files, Redis, releases; keeper: of the keeper alone',
    'inn backup now shop',
  )
    .addOption(plan())
    .addOption(wait())
    .option('--full', 'every byte of the cluster, not only what changed')
    .option('--all', 'of every app, one after the other')
    .addOption(place())
    .action(async (name, flags) => (await load()).backupNow(await cli(flags), name, flags))
  backup('list [app]', 'places, the window that can be restored, and restore points', 'inn backup list shop')
    .option('--all', 'older ones too')
    .action(async (name, flags) => (await load()).backupList(await cli(flags), name, flags))
  backup('show <point>', 'one restore point and its parts', 'inn backup show 20261120T020000Z').action(
    async (name, flags) => (await load()).backupShow(await cli(flags), name),
  )
  backup('verify [app]', 'read every stored byte again, and compare', 'inn backup verify shop --place local')
    .addOption(plan())
    .addOption(wait())
    .option('--all', 'of every app, one after the other, and of the keeper')
    .addOption(place())
    .action(async (name, flags) => (await load()).backupVerify(await cli(flags), name, flags))
}
