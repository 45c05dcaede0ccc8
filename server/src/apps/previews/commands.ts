import { among, type CommandLine, collect, envFile, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli, checkout }: CommandLine): void {
  const load = () => import('./cli.ts')
  const preview = among(program, 'preview', 'a branch beside what serves, for a time (docs/previews.md)')
  preview(
    'up [folder]',
    'deploy the branch that is checked out here as a preview; again: its newer commits',
    `inn preview up
  inn preview up --name pr-12`,
  )
    .addOption(plan())
    .addOption(wait())
    .option('--name <name>', 'what it is called; default: made of the name of the branch')
    .option('--env <NAME>', 'a value for an env entry that says from:, of this preview alone', collect)
    .addOption(envFile())
    .option('--fresh', 'build all anew, even when nothing that a build sees changed')
    .option('-v, --verbose', 'every line of the build')
    .action(async (folder = '.', flags) =>
      (await load()).up(await cli(flags), folder, flags, await checkout()),
    )
  preview('list', 'those that are there, with address, sign-in, and until when', 'inn preview list', {
    isDefault: true,
  }).action(async flags => (await load()).list(await cli(flags)))
  preview(
    'down <name>',
    'remove a preview with its data',
    `inn preview down pr-12
  inn preview down pr-12 --app shop --yes`,
  )
    .addOption(plan())
    .addOption(wait())
    .option('--app <name>', 'the app; default: that of this folder')
    .option('--yes', 'do not ask')
    .action(async (name, flags) => (await load()).down(await cli(flags), name, flags))
}
