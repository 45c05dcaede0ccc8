import { Command, InvalidArgumentError, Option } from 'commander'
import { below, collect, type OpenCli, plan, type Sub } from '../cli/options.ts'
import { EXIT } from '../kernel/exit.ts'
import { Failure } from '../kernel/failure.ts'
import { dataCommands } from './program-data.ts'
import { version } from './version.ts'

/** Reads the command line and runs what it asks for. */
export async function main(args: string[], home: string): Promise<void> {
  await commandLine(home).parseAsync(args, { from: 'user' })
}

/** All commands. Each one's code is loaded when it is asked for. */
export function commandLine(home: string): Command {
  const program = new Command('inn')
    .description('Keeps Node.js and PostgreSQL applications alive on one server.')
    .version(version())
    .showHelpAfterError('(inn --help lists the commands)')
    // Before the commands are made: each takes it over.
    .exitOverride(error => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage))
    .enablePositionalOptions()
  const cli = async (flags: { json?: boolean }) =>
    (await import('../cli/command.ts')).openCli({ home, json: flags.json ?? false })
  const sub = below(program)
  serverCommands(sub, home)
  fileCommands(sub)
  deployCommands(sub, cli)
  lookCommands(sub, cli)
  dataCommands({ program, sub, cli, home })
  peopleCommands(program, cli)
  projectCommands(sub)
  return program
}

function serverCommands(sub: Sub, home: string): void {
  sub('up', 'start Innkeeper on this server: keeper, edge, and all that ran before', 'inn up').action(
    async flags => (await import('./up.ts')).upCommand(home, flags),
  )
  sub('down', 'stop everything that Innkeeper runs here, after saying what', 'inn down --yes')
    .option('--yes', 'do not ask')
    .action(async flags => (await import('./up.ts')).downCommand(home, flags))
}

function fileCommands(sub: Sub): void {
  sub('init [folder]', 'look at a repository and write a commented innkeeper.yaml', 'inn init')
    .option('--force', 'write over an innkeeper.yaml that is there')
    .action(async (folder = '.', flags) =>
      (await import('../apps/inspect/cli-init.ts')).init(folder, {
        ...flags,
        terminal: (await import('../cli/terminal.ts')).openTerminal(),
      }),
    )
  sub('check [folder]', 'check innkeeper.yaml, every problem at once', 'inn check').action(
    async (folder = '.', flags) =>
      (await import('../apps/inspect/cli-check.ts')).check(folder, {
        json: flags.json ?? false,
        terminal: (await import('../cli/terminal.ts')).openTerminal(),
      }),
  )
}

function deployCommands(sub: Sub, cli: OpenCli): void {
  sub(
    'deploy [folder]',
    'build the source here, start it beside what runs, switch to it when it is proven',
    'inn deploy --only web',
  )
    .addOption(plan())
    .option('--only <services>', 'only these services, the others stay as they are', collect)
    .option(
      '--env <NAME>',
      'a value for an env entry that says from:, taken from this shell, or NAME=value; kept for later deploys',
      collect,
    )
    .addOption(envFile())
    .option('--watch <duration>', 'how long to watch after the switch; 0: not at all')
    .option('--wait', 'wait for a change under way instead of being told of it')
    .option('-v, --verbose', 'every line of the build')
    .action(async (folder = '.', flags) =>
      (await import('../apps/deploys/cli.ts')).deploy(await cli(flags), folder, flags),
    )
  const change = (name: string, about: string, example: string) => sub(name, about, example).addOption(plan())
  const run = async (
    flags: { json?: boolean; plan?: boolean },
    named: string | undefined,
    what: string,
    body: Record<string, unknown>,
    confirm: string | null = null,
  ) => {
    const { appName, change: ask } = await import('../cli/command.ts')
    const opened = await cli(flags)
    await ask(opened, {
      path: `/api/apps/${await appName(opened, named)}/${what}`,
      body,
      plan: flags.plan ?? false,
      confirm,
    })
  }
  change(
    'rollback [app]',
    'return to the release before: code, environment, configuration and routing',
    'inn rollback shop',
  )
    .option('--to <release>', 'to this release')
    .action((app, flags) => run(flags, app, 'rollback', { release: flags.to }))
  change(
    'switch <colour> [app]',
    'send traffic to blue or green, where a release stands ready',
    'inn switch blue shop',
  ).action((colour, app, flags) => run(flags, app, 'switch', { colour: colourOf(colour) }))
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
  sub('cancel <run>', 'take back a change that is under way', 'inn cancel 7c1f…').action(
    async (id, flags) => {
      const opened = await cli(flags)
      const answer = await opened.client.post<{ accepted: true }>(`/api/runs/${id}/undo`, {})
      if (opened.json) return (await import('../cli/command.ts')).printJson(answer)
      opened.terminal.print('it is being taken back')
    },
  )
  sub(
    'run <command...>',
    'one command in the release that serves, with its environment, as its user',
    'inn run --app shop -- node dist/seed.js',
  )
    .option('--app <name>', 'the app')
    .option('--service <name>', 'in the folder of this service')
    .option('--release <id>', 'in this release')
    .option('--env <NAME>', 'one more variable, taken from this shell, or NAME=value', collect)
    .addOption(envFile())
    .passThroughOptions()
    .action(async (argv: string[], flags) =>
      (await import('../apps/releases/cli-run.ts')).run(await cli(flags), argv, flags),
    )
}

const envFile = () =>
  new Option('--env-file <file>', 'the same, from a file of NAME=value lines; -: from standard input')

function scalePair(text: string): [string, number] {
  const [service, n] = text.split('=')
  if (service !== undefined && n !== undefined && /^\d+$/.test(n)) return [service, Number(n)]
  throw new Failure('usage.scale', `${text} is not a scale`, {
    why: 'it wants a service and a number',
    fix: 'inn scale api=3',
  })
}

function colourOf(text: string): string {
  if (text === 'blue' || text === 'green') return text
  throw new Failure('usage.colour', `${text} is no colour`, {
    why: 'there are two: blue and green',
    fix: 'inn status shows which one serves',
  })
}

function lookCommands(sub: Sub, cli: OpenCli): void {
  sub('status', 'what serves, and how it is', 'inn status').action(async flags =>
    (await import('../watch/status/cli.ts')).status(await cli(flags)),
  )
  sub('ps [app]', 'every instance: process, port, memory, restarts', 'inn ps shop').action(
    async (app, flags) => (await import('../watch/status/cli.ts')).ps(await cli(flags), app),
  )
  sub('releases [app]', 'releases, newest first', 'inn releases shop').action(async (app, flags) =>
    (await import('../apps/releases/cli.ts')).releases(await cli(flags), app),
  )
  sub('logs [app]', 'log lines of an app, or of keeper, edge, postgres', 'inn logs shop -f --level error')
    .option('-f, --follow', 'go on with lines as they come')
    .option('--since <duration>', 'only the last 1h, 10m, …')
    .option('-n, --lines <n>', 'the last n lines (100)', whole)
    .addOption(
      new Option('--level <level>', 'this level and above').choices(['debug', 'info', 'warn', 'error']),
    )
    .option('--grep <text>', 'lines with this text')
    .option('--service <name>', 'of this service')
    .option('--release <id>', 'of this release')
    .action(async (app, flags) => (await import('../watch/logs/cli.ts')).logs(await cli(flags), app, flags))
  sub('open', 'the address of the dashboard', 'inn open').action(async flags =>
    (await import('../watch/status/cli-open.ts')).open(await cli(flags)),
  )
}

const role = (about: string) => new Option('--role <role>', about).choices(['viewer', 'operator', 'admin'])

function whole(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It wants a whole number from 1 on.')
}

function peopleCommands(program: Command, cli: OpenCli): void {
  const load = () => import('../reach/people/cli.ts')
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
  const token = below(program.command('token').description('tokens for CI'))
  token('add <name>', 'a token, shown once', 'inn token add github --role operator')
    .addOption(role('what it may do').default('operator'))
    .option('--days <n>', 'how long it is good for', whole, 365)
    .action(async (name, flags) => (await load()).tokenAdd(await cli(flags), name, flags))
  token('list', 'tokens, without their secrets', 'inn token list').action(async flags =>
    (await load()).tokenList(await cli(flags)),
  )
  token('remove <name>', 'refuse a token from now on', 'inn token remove github').action(
    async (name, flags) => (await load()).tokenRemove(await cli(flags), name),
  )
}

function projectCommands(sub: Sub): void {
  sub('demo', 'deploy a real app, change it under load, and count what visitors lost', 'inn demo --once')
    .option('--once', 'stop everything at the end; fail when anything failed')
    .action(async flags => (await import('../../../demo/demo.ts')).demo(flags))
  sub('test [pattern]', "run Innkeeper's own tests", 'inn test engine')
    .option('--examples', 'deploy the five reference apps side by side under load instead; some minutes')
    .action(async (pattern, flags) => (await import('../../../test/run.ts')).runTests(pattern, flags))
}
