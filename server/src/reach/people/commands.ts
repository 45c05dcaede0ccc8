import { InvalidArgumentError, Option } from 'commander'
import { Verb } from '../../api/wire.ts'
import { below, type CommandLine, collect, whole } from '../../cli/options.ts'

const role = (about: string, ...more: string[]) =>
  new Option('--role <role>', about).choices(['viewer', 'operator', 'admin', ...more])

function verbs(value: string, all: string[] = []): string[] {
  if (Verb.safeParse(value).success) return [...all, value]
  throw new InvalidArgumentError(`It wants one of ${Verb.options.join(', ')}.`)
}

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const more = () => import('./cli-sessions.ts')
  const people = below(program.command('people').description('who may use the dashboard and the API'))
  people(
    'add <email>',
    'add a person, or a new link for a known one',
    `inn people add anna@example.com --role admin
  inn people add otto@example.com --app shop=operator --app bar=viewer`,
  )
    .addOption(
      role(
        'what they may in all apps; left out: with --app nothing, a new person operator, a known one as before',
        'none',
      ),
    )
    .option('--app <app=role>', 'what they may in this app, may be repeated', collect)
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
  people(
    'reset <email>',
    'let somebody in again: without second factor, passkeys, sessions and waits, by a new link',
    'inn people reset anna@example.com',
  ).action(async (email, flags) => (await more()).peopleReset(await cli(flags), email))
  people(
    'require <whom>',
    'who must have a second factor (codes or a passkey): nobody, admins or all',
    'inn people require admins',
  ).action(async (whom, flags) => (await more()).peopleRequire(await cli(flags), whom))
  people(
    'sessions [email]',
    'who is signed in, from where and with what; to end one, or all of a person',
    `inn people sessions
  inn people sessions anna@example.com --end`,
  )
    .option('--end', 'end those that are shown')
    .action(async (email, flags) => (await more()).peopleSessions(await cli(flags), email, flags))
  const token = below(program.command('token').description('tokens for CI'))
  token(
    'add <name>',
    'a token, shown once',
    `inn token add github --app shop --may deploy --days 90
  inn token add board --role viewer`,
  )
    .addOption(role('what it may do').default('operator'))
    .option('--app <app>', 'only in this app, may be repeated', collect)
    .option(
      '--may <verb>',
      `only this, may be repeated: ${Verb.options.join(', ')}; whatever it is for, it sees the state of its apps and follows their runs`,
      verbs,
    )
    .option('--days <n>', 'how long it is good for', whole(3650), 365)
    .action(async (name, flags) => (await load()).tokenAdd(await cli(flags), name, flags))
  token('list', 'tokens, without their secrets', 'inn token list').action(async flags =>
    (await load()).tokenList(await cli(flags)),
  )
  token('remove <name>', 'refuse a token from now on', 'inn token remove github').action(
    async (name, flags) => (await load()).tokenRemove(await cli(flags), name),
  )
}
