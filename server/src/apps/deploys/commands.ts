import { Option } from 'commander'
import { among, type CommandLine, collect, envFile, environment, plan, wait } from '../../cli/options.ts'
import { Failure } from '../../kernel/failure.ts'

export function commands(line: CommandLine): void {
  deployCommand(line)
  promoteCommand(line)
  releaseCommands(line)
  instanceCommands(line)
  databaseCommands(line)
}

function deployCommand({ sub, cli, checkout }: CommandLine): void {
  sub(
    'deploy [folder]',
    'build the source here, start it beside what runs, switch to it when it is proven',
    'inn deploy --only web',
  )
    .addOption(plan())
    .addOption(wait())
    .addOption(environment())
    .option('--only <services>', 'only these services, the others stay as they are', collect)
    .option(
      '--env <NAME>',
      'a value for an env entry that says from:, taken from this shell, or NAME=value; kept for later deploys',
      collect,
    )
    .addOption(envFile())
    .option('--watch <duration>', 'how long to watch after the switch; 0: not at all')
    .option(
      '--new-origin',
      'the app comes from this repository from now on, and no longer from the one before',
    )
    .addOption(override())
    .option('--fresh', 'build all anew, even when nothing that a build sees changed')
    .option('-v, --verbose', 'every line of the build')
    .action(async (folder = '.', flags) =>
      (await import('./cli.ts')).deploy(await cli(flags), folder, flags, await checkout()),
    )
}

/** What all commands that change an app share: the option `--plan`, and the request to the keeper. */
export function changes({ sub, cli }: CommandLine) {
  const change = (name: string, about: string, example: string) =>
    sub(name, about, example).addOption(plan()).addOption(wait())
  const run = async (
    flags: { json?: boolean; plan?: boolean; wait?: boolean },
    named: string | undefined,
    what: string,
    body: Record<string, unknown>,
    confirm: string | null = null,
  ) => {
    const { at } = await import('../../cli/client.ts')
    const { appName, change: ask } = await import('../../cli/command.ts')
    const opened = await cli(flags)
    await ask(opened, {
      path: at`/api/apps/${await appName(opened, named)}/${what}`,
      body,
      plan: flags.plan ?? false,
      confirm,
    })
  }
  return { change, run }
}

const override = () =>
  new Option('--override <reason>', 'pass protection: of the environment, as an admin; the reason is kept')

function promoteCommand({ sub, cli }: CommandLine): void {
  sub(
    'promote <from> [to]',
    'let another environment serve what this one does: the same built files, nothing is built',
    `inn promote staging --plan
  inn promote staging production`,
  )
    .addOption(plan())
    .addOption(wait())
    .addOption(override())
    .option('--app <name>', 'the app')
    .option('--commit <name>', 'only when this commit serves there: what else came meanwhile is not promoted')
    .option('--yes', 'do not ask')
    .action(async (from, to, flags) =>
      (await import('./cli.ts')).promote(await cli(flags), { from, to }, flags),
    )
}

function releaseCommands(line: CommandLine): void {
  const { change, run } = changes(line)
  change(
    'rollback [app]',
    'return to the release before: code, environment, configuration and routing; once more goes further back',
    'inn rollback shop',
  )
    .option('--to <release>', 'to this release')
    .action((app, flags) => run(flags, app, 'rollback', { release: flags.to }))
  change('forward [app]', 'go forward again, to the release that a rollback left', 'inn forward shop').action(
    (app, flags) => run(flags, app, 'rollback', { forward: true }),
  )
  change(
    'switch <colour> [app]',
    'send traffic to blue or green, where a release stands ready',
    'inn switch blue shop',
  ).action((colour, app, flags) => run(flags, app, 'switch', { colour: colourOf(colour) }))
}

function databaseCommands(line: CommandLine): void {
  const { run } = changes(line)
  const db = among(line.program, 'db', "the app's database")
  db(
    'seed [app]',
    'fill it with examples, by `seed:` of innkeeper.yaml; never in production',
    'inn db seed shop@staging',
  )
    .addOption(plan())
    .addOption(wait())
    .action((app, flags) => run(flags, app, 'database-seed', {}))
  db(
    'reset [app]',
    'begin with an empty one: all migrations, then the seed; never in production',
    'inn db reset shop@staging --yes',
  )
    .addOption(plan())
    .addOption(wait())
    .option('--yes', 'do not ask')
    .action((app, flags) =>
      run(flags, app, 'database-reset', {}, flags.yes || flags.json ? null : 'reset it?'),
    )
}

function instanceCommands(line: CommandLine): void {
  const { change, run } = changes(line)
  change('scale <service=n...>', 'more or fewer instances, without a deploy', 'inn scale api=3')
    .option('--app <name>', 'the app')
    .action((pairs: string[], flags) =>
      run(flags, flags.app, 'scale', { instances: Object.fromEntries(pairs.map(scalePair)) }),
    )
  change(
    'restart [app]',
    'the same release again, on the other colour: nobody notices',
    'inn restart shop',
  ).action((app, flags) => run(flags, app, 'restart', {}))
  change('stop [app]', 'answer 503 and end the instances', 'inn stop shop --yes')
    .option('--yes', 'do not ask')
    .action((app, flags) => run(flags, app, 'stop', {}, flags.yes || flags.json ? null : 'stop it?'))
  change('start [app]', 'start a stopped app', 'inn start shop').action((app, flags) =>
    run(flags, app, 'start', {}),
  )
  change(
    'remove <app>',
    'take an app off this server; what its visitors left stays',
    'inn remove shop --data',
  )
    .option('--data', 'delete its database, shared folders and secrets too')
    .option('--yes', 'do not ask')
    .action((app, flags) =>
      run(flags, app, 'remove', { data: flags.data ?? false }, flags.yes || flags.json ? null : 'remove it?'),
    )
}

function scalePair(text: string): [string, number] {
  const [service, n] = text.split('=')
  if (service !== undefined && n !== undefined && /^\d+$/.test(n)) return [service, Number(n)]
  throw new Failure('usage.scale', `${text} is not a scale`, {
    why: 'it wants a service and a number',
    fix: '`inn scale api=3`',
  })
}

function colourOf(text: string): string {
  if (text === 'blue' || text === 'green') return text
  throw new Failure('usage.colour', `${text} is no colour`, {
    why: 'there are two: blue and green',
    fix: '`inn status` shows which one serves',
  })
}
