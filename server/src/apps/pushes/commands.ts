import { below, type CommandLine } from '../../cli/options.ts'

export function commands({ program, cli, checkout, home }: CommandLine): void {
  const load = () => import('./cli.ts')
  const git = below(program.command('git').description('deploy by git push (docs/git.md)'))
  git(
    'init [app]',
    'make a repository on the server: a push of its branch is a deploy',
    `inn git init shop
  inn git init shop@staging --branch dev`,
  )
    .option('--branch <name>', 'the branch that is deployed; others are only kept', 'main')
    .action(async (app, flags) => (await load()).init(await cli(flags), app, flags))
  git('list', 'these repositories, with their branches and addresses', 'inn git list', {
    isDefault: true,
  }).action(async flags => (await load()).repositories(await cli(flags)))
  git(
    'remove <app>',
    'remove the repository of an app with all that was pushed; what serves stays',
    'inn git remove shop',
  )
    .option('--yes', 'do not ask')
    .action(async (app, flags) => (await load()).remove(await cli(flags), app, flags))
  git('receive', 'what the hook of such a repository runs by itself', 'inn git receive < updates').action(
    async () =>
      (await import('./cli-receive.ts')).receive({ home, checkout: await checkout(), env: process.env }),
  )
}
