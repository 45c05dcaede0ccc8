import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command } from 'commander'
import { nameApps } from '../cli/name-apps.ts'
import { below, type OpenCli, plan, type Sub } from '../cli/options.ts'
import { EXIT } from '../kernel/exit.ts'
import { grouped } from './groups.ts'
import { PARTS, serverViews } from './parts.ts'
import { PROJECT, version } from './version.ts'

/** Reads the command line and runs what it asks for. */
export async function main(args: string[], home: string): Promise<void> {
  if (args[0] === 'complete') return complete(args.slice(1), home)
  await (await commandLine(home, commandIn(args))).parseAsync(args, { from: 'user' })
}

/** Longest wait for the names of apps: somebody has pressed a key. */
const COMPLETE_MS = 1_000

/** Answers the script of a shell (`inn completion`): the words that may stand there, a line each. */
async function complete(words: readonly string[], home: string): Promise<void> {
  const { wordsFor } = await import('../cli/completion.ts')
  const { connectTo } = await import('../cli/client.ts')
  const keeper = connectTo({ socketPath: join(home, 'run', 'keeper.sock') }, 'completion')
  const asked = keeper.get<{ apps: Array<{ name: string }> }>('/api/status').then(({ apps }) => apps)
  const late = new Promise<never[]>(resolve => setTimeout(resolve, COMPLETE_MS, []).unref())
  const apps = await Promise.race([asked.catch(() => []), late])
  const names = apps.map(({ name }) => name)
  const typed = words[0] === '--' ? words.slice(1) : words
  for (const word of wordsFor(await commandLine(home), typed, names)) console.log(word)
}

/** The name of the command; undefined: an option that takes no value comes first. */
function commandIn([first, second, third]: readonly string[]): string | undefined {
  if (first === '--host') return third
  return first?.startsWith('--host=') ? second : first
}

/** All commands, or those of the nouns that have the one that is asked for. The code of a command is loaded when it runs. */
export async function commandLine(home: string, asked?: string): Promise<Command> {
  const program = new Command('inn')
    .description('Keeps Node.js and PostgreSQL applications alive on one server.')
    .version(version())
    .showHelpAfterError('(inn --help lists the commands)')
    // Set before the commands are made, because each command inherits it.
    .exitOverride(error => process.exit(error.exitCode === 0 ? EXIT.done : EXIT.usage))
    .enablePositionalOptions()
    .option(
      '--host <server>',
      'the keeper on this server instead, by ssh: [user@]name[:/home], or a name of inn server',
    )
  const host = () => program.opts<{ host?: string }>().host
  const cli: OpenCli = async ({ json = false, wait = false }) => {
    const tunnel = await (await import('./wire-host.ts')).tunnelFor(host(), json)
    const opening = { home, json, wait, tunnel, version: version() }
    return (await import('../cli/command.ts')).openCli(opening)
  }
  const checkout = async () => (await import('./wire-checkout.ts')).checkout
  const sub = below(program)
  serverCommands(sub, home, async command => (await import('./wire-host.ts')).refuseThere(host(), command))
  for (const noun of nounsOf(asked)) (await noun.load()).commands({ program, sub, cli, checkout, home })
  await machineCommands(program, home, host)
  await upgrading(sub, home, host)
  ownCommands(sub, cli)
  if (existsSync(join(PROJECT, 'test'))) (await import('./project.ts')).projectCommands(sub)
  nameApps(program)
  grouped(program)
  return program
}

/** Refuses a command that works on the machine that it is typed on, where commands go to another one. */
type OnlyHere = (command: string) => Promise<void>

function nounsOf(asked: string | undefined) {
  const all = PARTS.flatMap(noun => ('commands' in noun && noun.commands ? [noun.commands] : []))
  const those = all.filter(({ names }) => asked !== undefined && names.includes(asked))
  return those.length > 0 ? those : all
}

/** Those of `inn server` that work on a machine without a keeper. */
async function machineCommands(
  program: Command,
  home: string,
  host: () => string | undefined,
): Promise<void> {
  const server = program.commands.find(one => one.name() === 'server')
  if (server === undefined) return
  const { setupCommands } = await import('../servers/setup/commands.ts')
  setupCommands(below(server), async () => (await import('./wire-setup.ts')).setupTools(home, host()))
}

async function upgrading(sub: Sub, home: string, host: () => string | undefined): Promise<void> {
  const { upgradeCommand } = await import('../servers/upgrade/commands.ts')
  upgradeCommand(sub, async () => {
    await (await import('./wire-host.ts')).refuseThere(host(), 'upgrade')
    return (await import('./wire-upgrade.ts')).upgradeTools(home)
  })
}

function serverCommands(sub: Sub, home: string, onlyHere: OnlyHere): void {
  sub('up', 'start Innkeeper on this server: keeper, edge, and all that ran before', 'inn up').action(
    async flags => {
      await onlyHere('up')
      await (await import('./up.ts')).upCommand(home, flags)
    },
  )
  sub('down', 'stop everything that Innkeeper runs here, after saying what', 'inn down --yes')
    .option('--yes', 'do not ask')
    .action(async flags => {
      await onlyHere('down')
      await (await import('./up.ts')).downCommand(home, flags)
    })
  sub(
    'recover',
    'bring a whole server back, on a machine that has nothing of it',
    `inn recover --kit kit.txt --plan
  inn recover --kit kit.txt`,
  )
    .addOption(plan())
    .requiredOption('--kit <file>', 'the recovery kit')
    .action(async flags => {
      await onlyHere('recover')
      const { recover } = await import('../data/recovery/cli-recover.ts')
      await recover(home, flags, {
        terminal: (await import('../cli/terminal.ts')).openTerminal(),
        view: await serverViews(),
        tools: (await import('./wire-kit.ts')).machineTools(home),
        up: (await import('./tree.ts')).up,
      })
    })
}

function ownCommands(sub: Sub, cli: OpenCli): void {
  sub(
    'completion',
    'what makes a shell complete commands, options and names of apps',
    'inn completion bash >> ~/.bashrc',
  )
    .addArgument(new Argument('<shell>', 'which one').choices(['bash', 'zsh', 'fish']))
    .action(async (shell, flags) => (await import('../cli/completion.ts')).showScript(shell, flags))
  sub('version', 'the version of this Innkeeper, and of the keeper', 'inn version').action(async flags =>
    (await import('../cli/version.ts')).showVersions(version(), () => cli(flags), flags),
  )
}
