import { among, type CommandLine, environment } from '../../cli/options.ts'

export function commands({ program, cli, checkout }: CommandLine): void {
  const db = among(program, 'db', "the app's database")
  db(
    'lint [folder]',
    'judge the migrations of a folder that the database does not have yet: what fails, locks or breaks what serves',
    `inn db lint
  inn db lint shop/ --environment staging
  inn db lint --rules`,
  )
    .addOption(environment())
    .option('--rules', 'list what is looked for')
    .action(async (folder = '.', flags) => {
      const { lint, rules } = await import('./cli.ts')
      if (flags.rules === true) return rules(await cli(flags))
      await lint(await cli(flags), folder, flags, await checkout())
    })
}
