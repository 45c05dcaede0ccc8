import { Option } from 'commander'
import { below, type CommandLine, collect, envFile, whole } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const notify = below(
    program.command('notify').description('who is told what is wrong: e-mail, Telegram, Slack, …'),
  )
  notify('list', 'channels, and what was sent by them last', 'inn notify list -n 50', { isDefault: true })
    .option('-n, --lines <n>', 'this many messages, at most 500', whole(500), 10)
    .action(async flags => (await load()).notifyList(await cli(flags), flags))
  const add = notify(
    'add <name>',
    'add a channel; its secret comes from --env-file or --env',
    'inn notify add ops --telegram 4711 --env-file telegram.env',
  )
  add
    .option('--email <address>', 'by SMTP; secret: SMTP_PASSWORD, where there is a --user')
    .option('--smtp <host:port>', 'the mail server', 'localhost:25')
    .option('--user <name>', 'how to sign in there')
    .option('--sendgrid <address>', "e-mail by SendGrid's API; secret: SENDGRID_API_KEY")
    .option('--telegram <chat>', 'a chat, by its number or @name; secret: TELEGRAM_TOKEN')
    .option('--slack', 'an incoming webhook; secret: SLACK_URL')
    .option('--discord', 'a webhook; secret: DISCORD_URL')
    .option('--webhook <url>', 'JSON that is signed; secret: WEBHOOK_SECRET')
    .option('--pagerduty', 'Events v2; secret: PAGERDUTY_KEY')
    .option('--sms <number>', 'by Twilio, with --account and --from; secret: TWILIO_TOKEN')
    .option('--ntfy <url>', 'server and topic; secret, where it asks for one: NTFY_TOKEN')
    .option(
      '--from <sender>',
      'address or number that it comes from; of e-mail by default --user, or the address that it goes to',
    )
    .option('--account <sid>', 'of Twilio')
    .option('--at <url>', "the provider's API, where it is another one: a region, a server of your own")
    .option('--instead <name>', 'the channel that gets what this one did not take …')
    .option('--after <duration>', '… for so long', '5m')
    .addOption(envFile())
    .addOption(new Option('--env <name>', 'a secret from this shell').argParser(collect))
    .action(async (name, flags) => (await load()).notifyAdd(await cli(flags), name, flags))
  notify('test <name>', 'send a message now, also to an address that bounced', 'inn notify test ops').action(
    async (name, flags) => (await load()).notifyTest(await cli(flags), name),
  )
  notify('remove <name>', 'tell nothing there from now on', 'inn notify remove ops').action(
    async (name, flags) => (await load()).notifyRemove(await cli(flags), name),
  )
}
