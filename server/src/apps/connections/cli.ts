import { text } from 'node:stream/consumers'
import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { parseApp } from '../../config/app-key.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { providerAt } from './rule.ts'
import { type ConnectionMade, type ConnectionView, Provider } from './wire.ts'

interface ConnectFlags {
  repository: string
  provider?: Provider
  api?: string
  branches?: string[]
  forks?: boolean
}

const EVENTS: Record<Provider, string> = {
  github: 'Pull requests, and no other; content type application/json',
  gitlab: 'Merge request events, and no other; the secret is its secret token',
  gitea: 'Pull Request, and Pull Request Synchronized; content type application/json',
  forgejo: 'Pull request: Modification, and Synchronized; content type application/json',
}

/** inn preview connect [app] */
export async function connect(cli: Cli, named: string | undefined, flags: ConnectFlags): Promise<void> {
  const { client, terminal, json } = cli
  const { repository, api = null, branches, forks = false } = flags
  const provider = flags.provider ?? providerAt(repository)
  if (provider === null) throw which(repository)
  const { name: app } = parseApp(await appName(cli, named))
  const made = await client.post<ConnectionMade>(at`/api/apps/${app}/connection`, {
    ...{ provider, repository, api, forks, token: await askedToken(cli) },
    ...(branches === undefined ? {} : { branches }),
  })
  if (json) return printJson(made)
  terminal.print(`pull requests of ${made.repository} become previews of ${app}. At the provider, as a webhook:

  address  ${made.address ?? `https://DOMAIN${made.path}`}
  secret   ${made.secret}
  events   ${EVENTS[provider]}
`)
  terminal.note('the secret is shown this once')
  if (made.address === null)
    terminal.note(`${app} has no domain: DOMAIN stands for any that leads to this server with a certificate`)
  if (!made.token) terminal.note('without a token the repository must be public, and no comment is written')
}

/** The token that was typed, or came by standard input; null: none. */
async function askedToken({ terminal }: Cli): Promise<string | null> {
  const given = terminal.interactive
    ? await terminal.askHidden(
        'token of the provider, to read the repository and to write comments (none: Enter): ',
      )
    : await text(process.stdin)
  return given.trim() === '' ? null : given.trim()
}

/** inn preview connections */
export async function connections({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<ConnectionView[]>('/api/connections')
  if (json) return printJson(all)
  if (all.length === 0)
    return terminal.print('no repository is connected; inn preview connect --repository URL begins it')
  const rows = all.map(({ app, provider, repository, branches, forks, path, address }) => [
    ...[app, provider, repository, list(branches), forks ? 'deployed' : 'left out', address ?? path],
  ])
  terminal.print(table(['APP', 'PROVIDER', 'REPOSITORY', 'INTO', 'FORKS', 'ADDRESS'], rows))
  const pulls = all.flatMap(one => one.pulls).filter(({ state }) => state !== 'removed')
  if (pulls.length === 0) return
  const shown = pulls.map(({ number, app, branch, who, commit, state, said }) => [
    ...[`#${number}`, app, branch, who, commit?.slice(0, 7) ?? '-', state, said?.split('\n')[0] ?? ''],
  ])
  terminal.print(`\n${table(['PULL', 'PREVIEW', 'BRANCH', 'BY', 'COMMIT', 'STATE', ''], shown)}`)
}

/** inn preview disconnect [app] */
export async function disconnect(cli: Cli, named: string | undefined): Promise<void> {
  const { name: app } = parseApp(await appName(cli, named))
  const removed = await cli.client.delete(at`/api/apps/${app}/connection`)
  if (cli.json) return printJson(removed)
  cli.terminal.print(`${app} follows no pull requests from now on; remove the webhook at the provider, too`)
}

const which = (repository: string): Failure =>
  new Failure('usage.provider', `who keeps ${repository}?`, {
    why: 'its host is none of those that everybody knows',
    fix: `\`inn preview connect --repository ${repository} --provider forgejo\`; or ${list(Provider.options)}`,
  })
