import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { PRODUCTION, parseApp } from '../../config/app-key.ts'
import { EXIT } from '../../kernel/exit.ts'
import type { RepositoryView } from './wire.ts'

/** What git is told to reach a repository: the way by which this command reached the server, where it came by ssh. */
export function addressOf(
  { user, host, path }: Pick<RepositoryView, 'user' | 'host' | 'path'>,
  tunnel: Pick<NonNullable<Cli['tunnel']>, 'destination' | 'port'> | null,
): string {
  if (tunnel === null) return `ssh://${user}@${host}${path}`
  // An address of IPv6 has its colons in brackets.
  const destination = tunnel.destination.replace(/(?<=^|@)([^@]*:[^@]*)$/, '[$1]')
  return `ssh://${destination}${tunnel.port === null ? '' : `:${tunnel.port}`}${path}`
}

/** inn git init [app] */
export async function init(cli: Cli, named: string | undefined, { branch }: { branch: string }) {
  const { client, terminal, json, tunnel } = cli
  const app = await appName(cli, named)
  const made = await client.post<RepositoryView>(at`/api/apps/${app}/repository`, { branch })
  const address = addressOf(made, tunnel)
  if (json) return printJson({ ...made, address })
  const { environment } = parseApp(made.app)
  const remote = environment === PRODUCTION ? 'innkeeper' : environment
  terminal.print(`a push of ${made.branch} deploys ${made.app}. In a clone of its repository:

  git remote add ${remote} ${address}
  git push ${remote} ${made.branch}
`)
  if (tunnel === null) terminal.note(`${made.host} stands for the name by which you reach this server by ssh`)
}

/** inn git list */
export async function repositories({ client, terminal, json, tunnel }: Cli): Promise<void> {
  const known = await client.get<RepositoryView[]>('/api/repositories')
  const all = known.map(one => ({ ...one, address: addressOf(one, tunnel) }))
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('no app is deployed by pushes; inn git init APP begins it')
  const rows = all.map(({ app, branch, commit, address }) => [
    ...[app, branch, commit?.slice(0, 7) ?? '-', address],
  ])
  terminal.print(table(['APP', 'BRANCH', 'AT', 'ADDRESS'], rows))
}

/** inn git remove <app> */
export async function remove(
  { client, terminal, json }: Cli,
  app: string,
  { yes = false }: { yes?: boolean },
): Promise<void> {
  if (!yes && !json) {
    const question = `remove the repository of ${app}, with every branch that was pushed? [y/N] `
    if (!/^y/i.test(terminal.interactive ? await terminal.ask(question) : '')) {
      terminal.note('nothing was changed; --yes removes it without asking')
      process.exitCode = EXIT.failed
      return
    }
  }
  const removed = await client.delete(at`/api/apps/${app}/repository`)
  if (json) return printJson(removed)
  terminal.print(`the repository of ${app} is gone; what serves goes on`)
}
