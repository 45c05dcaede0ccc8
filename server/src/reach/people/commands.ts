import { Option } from 'commander'
import { below, type CommandLine, whole } from '../../cli/options.ts'

const role = (about: string) => new Option('--role <role>', about).choices(['viewer', 'operator', 'admin'])

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const people = below(program.command('people').description('who may use the dashboard and the API'))
  people(
    'add <email>',
    'add a person, or a new link for a known one',
    'inn people add anna@example.com --role admin',
  )
    .addOption(role('what they may do; left out: a new person operator, a known one as before'))
    .option('--name <name>', 'as shown')
    .action(async (email, flags) => (await load()).peopleAdd(await cli(flags), email, flags))
  people('list', 'who there is, with their roles', 'inn people list').action(async flags =>
    (await load()).peopleList(await cli(flags)),
  )
  people(
    'remove <email>',
    'take a person away, and end their sessions and the tokens they made',
    'inn people remove anna@example.com',
  ).action(async (email, flags) => (await load()).peopleRemove(await cli(flags), email))
  people(
    'review',
    'who has access, when they used it last, and what to ask about; once a month you are asked to',
    `inn people review
  inn people review --done`,
  )
    .option('--done', 'somebody has looked, and it is right as it is')
    .action(async flags => (await import('./cli-review.ts')).peopleReview(await cli(flags), flags))
  const token = below(program.command('token').description('tokens for CI'))
  token('add <name>', 'a token, shown once', 'inn token add github --role operator')
    .addOption(role('what it may do').default('operator'))
    .option('--days <n>', 'how long it is good for', whole(3650), 365)
    .action(async (name, flags) => (await load()).tokenAdd(await cli(flags), name, flags))
  token('list', 'tokens, without their secrets', 'inn token list').action(async flags =>
    (await load()).tokenList(await cli(flags)),
  )
  token('remove <name>', 'refuse a token from now on', 'inn token remove github').action(
    async (name, flags) => (await load()).tokenRemove(await cli(flags), name),
  )
}
