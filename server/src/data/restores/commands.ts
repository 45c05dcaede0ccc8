import type { Command } from 'commander'
import { below, type CommandLine, plan, wait } from '../../cli/options.ts'

const split = (value: string, all: string[] = []): string[] => [
  ...all,
  ...value.split(',').map(name => name.trim()),
]

export function commands({ sub, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const restore = sub(
    'restore [app]',
    'bring data back: beside, compared, then in its place; what was there stays',
    `inn restore shop --to "10:00"
  inn restore shop --files --to "10:00"
  inn restore shop --table guest,room --to "10:00" --merge
  inn restore shop --into look --to "yesterday 14:30" --for 3h`,
  )
    .addOption(plan())
    .addOption(wait())
    .option(
      '--to <moment>',
      '"2026-11-20 10:00", "10:00", "yesterday 14:30", "30m ago", with or without an offset',
    )
    .option('--backup <label>', 'to the end of this backup, or the dump with this snapshot')
    .option('--point <name>', 'to this restore point: database, files and Redis')
    .option('--files', 'only the files; of the newest complete point until that moment, or of --point')
    .option('--redis', 'only Redis, in the same way; with --files both, and the database stays')
    .option('--database', 'only the database, also of a point that lacks files or Redis')
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
      .addOption(wait())
      .option('--yes', 'do not ask')
      // Commander gives an option that the parent command has too to the parent, so both are read.
      .action(async (app, _flags, command: Command) => {
        const flags = command.optsWithGlobals()
        await (await load()).after(await cli(flags), what, app, flags)
      })
  after('undo', 'return to the data from before the last restore')
  after('discard', 'delete the data from before the last restore or recovery')
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
    .option(
      '--copy <name>',
      'makes a table of the rows as they were, with the primary key and nothing more; a dropped table that gets its name back is as it was',
    )
    .option('--csv <file>', 'writes the rows as they were to a file here')
