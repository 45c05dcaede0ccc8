import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Checkout, Received } from '../../cli/checkout.ts'
import { type Cli, openCli } from '../../cli/command.ts'
import { readAppFile } from '../../cli/file.ts'
import { keyOf } from '../../cli/name.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { parseApp } from '../../config/app-key.ts'
import { homeAt } from '../../config/home.ts'
import { readConfig } from '../../config/read.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import { deploy } from '../deploys/cli.ts'
import { decide, optionsOf, type Push, type PushOptions, updatesOf } from './rule.ts'

/**
 * Bytes of a push's output, of which what builds print is left out beyond that. git keeps the pipe of its hook open when
 * whoever pushed is gone, and reads no more of it: all of the output has to fit into the pipe (64 KB), or the hook would
 * wait there for ever.
 */
const MOST_BYTES = 40_000
const LONGEST_LINE = 400

interface Called {
  home: string
  checkout: Checkout
  env: NodeJS.ProcessEnv
}

/**
 * `inn git receive`: what git runs before it takes a push. Any exit code but 0 makes git refuse all of it, so the branch
 * always stands where the app was deployed from.
 */
export async function receive({ home, checkout, env }: Called): Promise<void> {
  // A reader who went away must not look like a deploy that went well. The deploy itself goes on in the keeper.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(EXIT.failed))
  const repository = await repositoryOf(home, env['GIT_DIR'])
  const app = basename(repository, '.git')
  const options = optionsOf(env)
  const received = checkout.received(repository)
  const { deploy: push, notes } = decide(updatesOf(await text(process.stdin)), {
    app,
    branch: await received.branch(),
  })
  const opened = openCli({ home, json: false, wait: false, tunnel: null, version: null })
  const cli = { ...opened, terminal: bounded(opened.terminal) }
  for (const note of notes) cli.terminal.print(note)
  if (push === null) return
  await deployPush(cli, { app, repository, push, options, received, checkout }).catch((error: unknown) => {
    throw inWordsOfGit(error)
  })
  // What is left over is told, and the release serves.
  if (process.exitCode === EXIT.leftover) process.exitCode = EXIT.done
  if ((process.exitCode ?? EXIT.done) !== EXIT.done)
    cli.terminal.print('nothing of this push is kept: correct it and push again')
}

/** Failure `usage.receive`: somebody typed the command. */
async function repositoryOf(home: string, folder: string | undefined): Promise<string> {
  const repository = folder === undefined ? null : await realpath(folder)
  if (repository !== null && dirname(repository) === homeAt(home).git) return repository
  throw new Failure('usage.receive', 'this command is for the hook of a repository', {
    why: `git calls it in a repository of ${homeAt(home).git}`,
    fix: '`git push` calls it; `inn git list` shows where to',
  })
}

interface Pushed {
  app: string
  repository: string
  push: Push
  options: PushOptions
  received: Received
  checkout: Checkout
}

async function deployPush(cli: Cli, { app, repository, push, options, received, checkout }: Pushed) {
  const { ref, from, to } = push
  if ((await received.at(ref)) !== from) throw overtaken(ref)
  if (from !== null && !(await received.follows(to, from)))
    cli.terminal.print(`note: ${to.slice(0, 7)} does not follow ${from.slice(0, 7)}, which was pushed before`)
  const scratch = await mkdtemp(join(tmpdir(), 'inn-push-'))
  const remove = () => rm(scratch, { recursive: true, force: true })
  try {
    const folder = join(scratch, 'tree')
    const { paths, commit, first } = await received.unpack(to, folder)
    const { environment } = parseApp(app)
    await checkName(folder, { app, environment, paths })
    cli.terminal.print(`deploying ${commit}; Ctrl-C ends this output, and the deploy goes on`)
    const of = { remote: null, first, folder: '', place: `${hostname()}:${repository}` }
    await deploy(
      cli,
      folder,
      { environment, ...options },
      {
        ...checkout,
        tracked: async () => ({ paths, commit, notices: [] }),
        origin: async () => of,
        branch: async () => ref.replace('refs/heads/', ''),
        // An interrupted push ends this process wherever it is, and the files are of no more use.
        async pack(...given) {
          await checkout.pack(...given)
          await remove()
        },
      },
    )
  } finally {
    await remove()
  }
}

/** Whether a commit is of the app that the repository is for. What is wrong in its file the deploy says. */
async function checkName(
  folder: string,
  { app, environment, paths }: { app: string; environment: string; paths: readonly string[] },
): Promise<void> {
  if (!paths.includes('innkeeper.yaml'))
    throw new Failure('config.missing', 'the commit has no innkeeper.yaml', {
      why: 'it must stand at the top of the repository',
      fix: '`inn init` writes one; then `git add innkeeper.yaml`, commit and push',
    })
  const { config } = readConfig(await readAppFile(folder), environment)
  if (config === null || keyOf(config.name, environment) === app) return
  throw new Failure('deploy.other-name', `the commit is of ${config.name}, and this repository for ${app}`, {
    why: `name: in innkeeper.yaml says ${config.name}`,
    fix: `\`inn git init ${keyOf(config.name, environment)}\` makes a repository for that app`,
  })
}

const overtaken = (ref: string): Failure =>
  new Failure('git.overtaken', 'another push came first', {
    why: `${ref.replace('refs/heads/', '')} is no longer where it was when this push began`,
    fix: '`git fetch`, look at what came, then push again',
  })

/** The same failure, for somebody who has git before them and not `inn`. */
function inWordsOfGit(error: unknown): unknown {
  if (!(error instanceof Failure)) return error
  const { code, message, why, facts } = error
  const fixes: Readonly<Record<string, string>> = {
    'run.locked': `push again when it has ended; on the server \`inn cancel ${facts['run']}\` takes it back`,
    'deploy.other-origin':
      'another name: in innkeeper.yaml makes another app; if this is the same app in a new place: `git push -o new-origin`',
    'approval.waiting': `\`inn approvals approve ${facts['approval']}\`, or the dashboard: then it begins by itself, without another push`,
  }
  const fix = fixes[code]
  return fix === undefined ? error : new Failure(code, message, { why, fix, facts })
}

function bounded(terminal: Terminal): Terminal {
  let bytes = 0
  let told = false
  const short = (line: string) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line)
  return {
    ...terminal,
    print(said) {
      const shown = said.split('\n').map(short).join('\n')
      // What a step prints is indented; how steps end is always told.
      const left = bytes > MOST_BYTES && said.startsWith('    ')
      if (left && told) return
      told ||= left
      terminal.print(left ? '    … what builds print from here on is left out' : shown)
      bytes += Buffer.byteLength(shown)
    },
  }
}
