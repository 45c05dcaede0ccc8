import { Option } from 'commander'
import { below, type CommandLine, collect, whole } from '../../cli/options.ts'

const app = () => new Option('--app <name>', 'the app').makeOptionMandatory()

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const outbox = below(
    program.command('outbox').description('what apps write to people: e-mail and Telegram, from templates'),
  )
  outbox('list [app]', 'what was sent, what waits and what failed', 'inn outbox list shop -n 100', {
    isDefault: true,
  })
    .option('-n, --lines <n>', 'this many messages, at most 500', whole(500), 20)
    .action(async (name, flags) => (await load()).outboxList(await cli(flags), name, flags))
  outbox('show <id>', 'one message, with every try', 'inn outbox show mB3kq…').action(async (id, flags) =>
    (await load()).outboxShow(await cli(flags), id),
  )
  outbox('cancel <id>', 'do not send a message that waits', 'inn outbox cancel mB3kq…').action(
    async (id, flags) => (await load()).outboxCancel(await cli(flags), id),
  )
  outbox('templates [app]', 'the templates of the release that serves', 'inn outbox templates shop').action(
    async (name, flags) => (await load()).outboxTemplates(await cli(flags), name),
  )
  outbox(
    'preview <app> <template>',
    'what a template makes, of its own sample or of your values',
    'inn outbox preview shop welcome --set name=Ada --out welcome.html',
  )
    .option('--set <name=value>', 'a variable; guest.name=Ada sets a part of one', collect)
    .option('--language <code>', 'as for somebody with this language')
    .option('--telegram', 'the one for Telegram')
    .option('--out <file>', 'write its HTML there')
    .action(async (name, template, flags) =>
      (await load()).outboxPreview(await cli(flags), { name, template }, flags),
    )
  outbox('grants', 'which app may send by which channel', 'inn outbox grants').action(async flags =>
    (await load()).outboxGrants(await cli(flags)),
  )
  outbox(
    'allow <channel>',
    'let an app send by a channel of the server',
    'inn outbox allow guests --app shop',
  )
    .addOption(app())
    .option('--per-day <n>', 'so many messages in any 24 hours', whole(100_000), 1_000)
    .action(async (channel, flags) => (await load()).outboxAllow(await cli(flags), channel, flags))
  outbox('deny <channel>', 'take that back: what waits stays', 'inn outbox deny guests --app shop')
    .addOption(app())
    .action(async (channel, flags) => (await load()).outboxDeny(await cli(flags), channel, flags))
  outbox(
    'suppressed',
    'addresses that get nothing more, because they bounced',
    'inn outbox suppressed',
  ).action(async flags => (await load()).outboxSuppressed(await cli(flags)))
  outbox('lift <address>', 'send to an address again', 'inn outbox lift ada@example.com --channel guests')
    .requiredOption('--channel <name>', 'the channel by which it bounced')
    .action(async (address, flags) => (await load()).outboxLift(await cli(flags), address, flags))
}
