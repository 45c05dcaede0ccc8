import { Option } from 'commander'
import { below, type CommandLine, collect, plan, wait, whole } from '../../cli/options.ts'

const previous = () =>
  new Option(
    '--previous <NAME>',
    'services get the value of before in this variable, so that sessions live on',
  )
const grace = () => new Option('--grace <duration>', '… for so long').default('7d')

export function commands({ program, cli, checkout }: CommandLine): void {
  const load = () => import('./cli.ts')
  const secrets = below(
    program.command('secrets').description('values that only an app may know: keys, passwords, tokens'),
  )
  const change = (name: string, about: string, example: string) =>
    secrets(name, about, example).addOption(plan()).addOption(wait())
  secrets(
    'list [app]',
    'which there are, since when, and who reads them; no values',
    'inn secrets list shop',
    {
      isDefault: true,
    },
  ).action(async (app, flags) => (await load()).secretsList(await cli(flags), app))
  secrets(
    'get <name> [app]',
    'print one value; the audit log has who did',
    'inn secrets get STRIPE_KEY shop',
  ).action(async (name, app, flags) => (await load()).secretsGet(await cli(flags), name, app))
  change(
    'set <name> [app]',
    'give a value: typed where nobody sees it, or from standard input; what runs gets it without a failed request',
    'inn secrets set STRIPE_KEY shop < stripe.key',
  )
    .addOption(previous())
    .addOption(grace())
    .option(
      '--from <command>',
      'it is kept elsewhere, and this command says it, without a shell: op read op://shop/stripe/key',
    )
    .option('--with <name>', '… with this credential of the app in its environment; may be repeated', collect)
    .option('--timeout <duration>', '… ended after so long; default: 10s')
    .option('--cache <duration>', '… asked anew by a deploy when the value is older; default: 5m')
    .option(
      '--stale <duration>',
      '… where it fails, a deploy goes on with a value that is younger; default: none',
    )
    .option('--credential', 'what commands of --from sign in with: no app is given it')
    .action(async (name, app, flags) => (await load()).secretsSet(await cli(flags), { name, app }, flags))
  change(
    'rotate <name> [app]',
    'draw a new value for a secret that Innkeeper generates; a rollback leads to the earlier one',
    'inn secrets rotate JWT_SECRET --previous JWT_SECRET_PREVIOUS --grace 7d',
  )
    .option('--length <n>', 'characters; default: what innkeeper.yaml says', whole(4_096))
    .addOption(previous())
    .addOption(grace())
    .action(async (name, app, flags) => (await load()).secretsRotate(await cli(flags), { name, app }, flags))
  change('unset <name> [app]', 'take a secret away', 'inn secrets unset OLD_KEY shop')
    .addOption(new Option('--yes', 'do not ask'))
    .option('--credential', 'the credential of that name')
    .action(async (name, app, flags) => (await load()).secretsUnset(await cli(flags), { name, app }, flags))
  change(
    'refresh [app]',
    'ask the commands of --from now; what runs gets other values without a failed request',
    'inn secrets refresh shop --only STRIPE_KEY',
  )
    .option('--only <name>', 'only this one; may be repeated', collect)
    .action(async (app, flags) => (await load()).secretsRefresh(await cli(flags), app, flags))
  change(
    'import <file> [app]',
    'give all values of a file of NAME=value lines; -: from standard input',
    'inn secrets import .env shop',
  )
    .option('--only <names>', 'only these', collect)
    .action(async (file, app, flags) => (await load()).secretsImport(await cli(flags), { file, app }, flags))
  secrets(
    'diff <file> [app]',
    'how a file of NAME=value lines differs from what is kept; names alone',
    'inn secrets diff .env shop',
  ).action(async (file, app, flags) => (await load()).secretsDiff(await cli(flags), file, app))
  secrets(
    'scan [folder]',
    'look for secrets in a source and in its history; nothing leaves this machine',
    'inn secrets scan --no-history',
  )
    .option('--no-history', 'only in the files as they are')
    .action(async (folder = '.', flags) =>
      (await import('./cli-scan.ts')).secretsScan(folder, {
        checkout: await checkout(),
        history: flags.history,
        json: flags.json ?? false,
        terminal: (await import('../../cli/terminal.ts')).openTerminal(),
      }),
    )
}
