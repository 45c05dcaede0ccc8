import { Option } from 'commander'
import { below, type CommandLine, plan } from '../../cli/options.ts'

const place = () => new Option('--place <name>', 'only at this place')

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const backup = below(program.command('backup').description('what there is to return to'))
  backup('now', 'make a restore point of everything: databases, files, Redis, releases', 'inn backup now')
    .addOption(plan())
    .option('--full', 'every byte of the cluster, not only what changed')
    .addOption(place())
    .action(async flags => (await load()).backupNow(await cli(flags), flags))
  backup('list', 'places, the window that can be restored, and restore points', 'inn backup list')
    .option('--all', 'older ones too')
    .action(async flags => (await load()).backupList(await cli(flags), flags))
  backup('show <point>', 'one restore point and its parts', 'inn backup show 20261120T020000Z').action(
    async (name, flags) => (await load()).backupShow(await cli(flags), name),
  )
  backup('verify', 'read every stored byte again, and compare', 'inn backup verify --place local')
    .addOption(plan())
    .addOption(place())
    .action(async flags => (await load()).backupVerify(await cli(flags), flags))
}
