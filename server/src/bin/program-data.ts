import { type Command, Option } from 'commander'
import { below, type OpenCli, plan, type Sub } from '../cli/options.ts'

interface Parts {
  program: Command
  sub: Sub
  cli: OpenCli
  home: string
}

/** What there is to return to, and every way to return. */
export function dataCommands({ program, sub, cli, home }: Parts): void {
  backupCommands(program, cli)
  restoreCommands(sub, cli)
  copyCommands(program, cli)
  recoveryCommands(program, sub, cli, home)
  drillCommands(program, cli)
}

const place = () => new Option('--place <name>', 'only at this place')

function backupCommands(program: Command, cli: OpenCli): void {
  const load = () => import('../data/backups/cli.ts')
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

function drillCommands(program: Command, cli: OpenCli): void {
  const load = () => import('../data/drills/cli.ts')
  const drill = below(
    program.command('drill').description('restores that are rehearsed, and what they showed'),
  )
  drill(
    'now [app]',
    'restore on a copy that nobody else sees, check it, start the app on it, and measure how long it took',
    'inn drill now shop',
  )
    .addOption(plan())
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

function recoveryCommands(program: Command, sub: Sub, cli: OpenCli, home: string): void {
  const load = () => import('../data/recovery/cli.ts')
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
    'database',
    'restore PostgreSQL itself to its last archived moment, when its files are gone or broken',
    'inn recovery database',
  )
    .addOption(plan())
    .option('--yes', 'do not ask')
    .action(async flags => (await load()).recoveryDatabase(await cli(flags), flags))
  sub(
    'recover',
    'bring a whole server back, on a machine that has nothing of it',
    `inn recover --kit kit.txt --plan
  inn recover --kit kit.txt`,
  )
    .addOption(plan())
    .requiredOption('--kit <file>', 'the recovery kit')
    .action(async flags =>
      (await import('./recover.ts')).recover(
        home,
        flags,
        (await import('../cli/terminal.ts')).openTerminal(),
      ),
    )
}

const split = (value: string, all: string[] = []): string[] => [
  ...all,
  ...value.split(',').map(name => name.trim()),
]

function restoreCommands(sub: Sub, cli: OpenCli): void {
  const load = () => import('../data/restores/cli.ts')
  const restore = sub(
    'restore [app]',
    'bring data back: beside, compared, then in its place; what was there stays',
    `inn restore shop --to "10:00"
  inn restore shop --table guest,room --to "10:00" --merge
  inn restore shop --into look --to "yesterday 14:30" --for 3h`,
  )
    .addOption(plan())
    .option(
      '--to <moment>',
      '"2026-11-20 10:00", "10:00", "yesterday 14:30", "30m ago", with or without an offset',
    )
    .option('--backup <label>', 'to the end of this backup, or the dump with this snapshot')
    .option('--point <name>', 'to this restore point: database, files and Redis')
    .option('--migrate', 'run the release step on the restored data')
    .option('--yes', 'do not ask')
  tableOptions(restore)
    .option(
      '--into <name>',
      'a copy to look at instead, on loopback, with its address; nothing else is touched',
    )
    .option('--for <duration>', 'how long that copy stays (24h)')
    .action(async (app, flags) => (await load()).restore(await cli(flags), app, flags))
  const after = (what: 'undo' | 'discard', about: string) =>
    below(restore)(`${what} [app]`, about, `inn restore ${what} shop`)
      .addOption(plan())
      .option('--yes', 'do not ask')
      // An option that a command shares with the one above it is read by that one.
      .action(async (app, _flags, command: Command) => {
        const flags = command.optsWithGlobals()
        await (await load()).after(await cli(flags), what, app, flags)
      })
  after('undo', 'return to the data from before the last restore')
  after('discard', 'delete the data from before the last restore')
}

const tableOptions = (restore: Command): Command =>
  restore
    .option(
      '--table <names>',
      'only these tables, and the app goes on: shows which rows are only there, only here, changed',
      split,
    )
    .option(
      '--merge',
      "puts the missing rows back, all or none; those that are here stay as they are; the app's triggers fire",
    )
    .option('--copy <name>', 'makes a table of the rows as they were, with the primary key and nothing more')
    .option('--csv <file>', 'writes the rows as they were to a file here')

function copyCommands(program: Command, cli: OpenCli): void {
  const load = () => import('../data/copies/cli.ts')
  const copy = below(program.command('copies').description('copies of an app at a moment, to look at'))
  copy('list', 'their addresses, and when they go', 'inn copies', { isDefault: true }).action(async flags =>
    (await load()).copiesList(await cli(flags)),
  )
  copy('remove <name>', 'remove one before its time', 'inn copies remove look')
    .addOption(plan())
    .action(async (name, flags) => (await load()).copiesRemove(await cli(flags), name, flags))
}
