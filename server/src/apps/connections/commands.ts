import { Option } from 'commander'
import { among, type CommandLine, collect } from '../../cli/options.ts'
import { Provider } from './wire.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const preview = among(program, 'preview', 'a branch beside what serves, for a time (docs/previews.md)')
  preview(
    'connect [app]',
    'deploy the pull requests of a repository elsewhere as previews; asks for its token, or takes it from standard input',
    `inn preview connect shop --repository https://github.com/example/shop.git
  inn preview connect shop --repository https://git.example.com/team/shop.git --provider forgejo < token`,
  )
    .requiredOption('--repository <url>', 'its address for HTTPS')
    .addOption(
      new Option(
        '--provider <name>',
        'who keeps it; known of github.com, gitlab.com, gitea.com, codeberg.org',
      ).choices(Provider.options),
    )
    .option('--api <url>', "the provider's API, where it is not at the usual place")
    .option(
      '--branches <pattern>',
      'only pull requests into these branches, as in main or release/*',
      collect,
    )
    .option(
      '--forks',
      "also those out of other people's repositories: their code runs here, with the secrets of previews",
    )
    .action(async (app, flags) => (await load()).connect(await cli(flags), app, flags))
  preview(
    'connections',
    'these repositories, and what became of their pull requests',
    'inn preview connections',
  ).action(async flags => (await load()).connections(await cli(flags)))
  preview(
    'disconnect [app]',
    'follow the pull requests of its repository no more; previews stay until their time is over',
    'inn preview disconnect shop',
  ).action(async (app, flags) => (await load()).disconnect(await cli(flags), app))
}
