import { resolve } from 'node:path'
import type { Checkout } from '../../cli/checkout.ts'
import { at } from '../../cli/client.ts'
import { type Cli, change, printJson } from '../../cli/command.ts'
import { nameHere } from '../../cli/name.ts'
import { table } from '../../cli/terminal.ts'
import { appKey, parseApp, previewEnvironment, previewName, previewOf } from '../../config/app-key.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Status } from '../../watch/status/wire.ts'
import { type DeployFlags, deploy } from '../deploys/cli.ts'
import type { PreviewView } from './wire.ts'

interface UpFlags extends Omit<DeployFlags, 'environment' | 'only' | 'watch' | 'override'> {
  name?: string
}

/** inn preview up [folder] */
export async function up(
  cli: Cli,
  folder: string,
  { name: wanted, ...flags }: UpFlags,
  checkout: Checkout,
): Promise<void> {
  const name = wanted === undefined ? await ofBranch(checkout, resolve(folder)) : named(wanted)
  const environment = previewEnvironment(name)
  await deploy(cli, folder, { ...flags, environment }, checkout)
  if (cli.json || flags.plan || process.exitCode === EXIT.failed) return
  const all = await cli.client.get<PreviewView[]>('/api/previews')
  const made = all.find(({ app }) => parseApp(app).environment === environment)
  if (made === undefined) return
  if (made.login !== null)
    cli.terminal.print(
      `sign in as ${made.login.user} with ${cli.terminal.paint('bold', made.login.password)}`,
    )
  cli.terminal.note(`it is removed with its data ${until(made.endsAt)}; inn preview down ${name} does it now`)
}

async function ofBranch(checkout: Checkout, folder: string): Promise<string> {
  const branch = await checkout.branch(folder)
  const name = branch === null ? null : previewName(branch)
  if (name !== null) return name
  throw new Failure('preview.name', 'what is the preview to be called?', {
    why: branch === null ? 'no branch is checked out here' : `no letter or digit is in ${branch}`,
    fix: '`inn preview up --name pr-12` says it',
  })
}

/** The name of a preview as somebody typed it: also as `preview-pr-12`, or as the name of a branch. */
function named(typed: string): string {
  const name = previewOf(typed) ?? previewName(typed)
  if (name !== null) return name
  throw new Failure('preview.name', `${typed} is no name of a preview`, {
    why: 'it has small letters, digits and -',
    fix: '`inn preview list` shows those that are there',
  })
}

/** `in 6 d`, or `soon`. */
function until(time: string): string {
  const left = new Date(time).getTime() - Date.now()
  return left < 60_000 ? 'soon' : `in ${showDuration(left)}`
}

/** inn preview list */
export async function list({ client, terminal, json }: Cli): Promise<void> {
  const [all, status] = await Promise.all([
    client.get<PreviewView[]>('/api/previews'),
    client.get<Status>('/api/status'),
  ])
  const seen = all.map(one => {
    const app = status.apps.find(({ name }) => name === one.app)
    return { ...one, state: app?.state ?? 'new', url: app?.url ?? null }
  })
  if (json) return printJson(seen)
  if (seen.length === 0)
    return terminal.print('there is no preview; inn preview up deploys the branch that is checked out')
  const rows = seen.map(({ app, name, pull, branch, state, url, login, endsAt }) => [
    ...[parseApp(app).name, name, pull === null ? '-' : `#${pull}`, branch ?? '-', state, url ?? '-'],
    ...[login === null ? '-' : `${login.user} / ${login.password}`, until(endsAt)],
  ])
  terminal.print(table(['APP', 'PREVIEW', 'PULL', 'BRANCH', 'STATE', 'ADDRESS', 'SIGN IN', 'REMOVED'], rows))
}

interface DownFlags {
  app?: string
  plan?: boolean
  yes?: boolean
}

/** inn preview down <name> */
export async function down(cli: Cli, typed: string, flags: DownFlags): Promise<void> {
  const [before, after] = typed.split('@')
  const app = after === undefined ? (flags.app ?? nameHere()) : before!
  if (app === null) throw which(typed)
  const key = appKey({
    name: parseApp(app).name,
    environment: previewEnvironment(named(after ?? typed)),
  })
  await change(cli, {
    path: at`/api/apps/${key}/preview-down`,
    body: {},
    plan: flags.plan ?? false,
    confirm: flags.yes || cli.json ? null : 'remove it?',
  })
}

const which = (typed: string): Failure =>
  new Failure('usage.app', 'of which app?', {
    why: 'this folder has no innkeeper.yaml that says it',
    fix: `\`inn preview down ${typed} --app NAME\``,
  })
