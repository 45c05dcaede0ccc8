import { below, type CommandLine, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const recovery = below(program.command('recovery').description('for the day when the server is gone'))
  recovery(
    'kit',
    'keys, places and commands: all that is needed to bring the server back elsewhere',
    'inn recovery kit --save kit.txt',
  )
    .option('--save <file>', 'into a new file that only you may read, instead of to the terminal')
    .action(async flags => (await load()).recoveryKit(await cli(flags), flags))
  recovery('kept', 'say that the kit is kept elsewhere: ends the reminder', 'inn recovery kept').action(
    async flags => (await load()).recoveryKept(await cli(flags)),
  )
  recovery(
    'database [app]',
    'restore the PostgreSQL of an app to its last archived moment, when its files are gone or broken',
    'inn recovery database shop',
  )
    .option('--backup <label>', 'begin from this backup, when the newest is damaged: inn backup list')
    .addOption(plan())
    .addOption(wait())
    .option('--yes', 'do not ask')
    .action(async (name, flags) => (await load()).recoveryDatabase(await cli(flags), name, flags))
}
