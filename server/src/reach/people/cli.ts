import { Role } from '../../api/wire.ts'
import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { keyOf } from '../../cli/name.ts'
import { table } from '../../cli/terminal.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'
import { rightsOf, sayHeld, sayRights } from './rights.ts'
import type { Person, PersonAnswer, PersonRemoved, Token, TokenAnswer, TokenRevoked } from './wire.ts'

/** inn people add EMAIL */
export async function peopleAdd(
  cli: Cli,
  email: string,
  flags: { role?: string; name?: string; app?: string[] },
): Promise<void> {
  const answer = await cli.client.post<PersonAnswer>('/api/people', {
    email,
    role: flags.role === 'none' ? null : flags.role,
    apps: flags.app === undefined ? undefined : Object.fromEntries(flags.app.map(appRole)),
    name: flags.name,
  })
  if (cli.json) return printJson(answer)
  tellLink(cli, answer, `is ${sayRights({ ...answer.person, verbs: null })}`)
  tellEnded(cli, answer.ended)
}

/** The link of an answer, with how it is opened from elsewhere. */
export function tellLink({ terminal }: Cli, { person, link }: PersonAnswer, what: string): void {
  terminal.print(
    `${person.email} ${what}. This link lets them choose a password; it works once, for a day, and older ones end:`,
  )
  terminal.print(terminal.paint('bold', link))
  const { port } = new URL(link)
  terminal.print(
    terminal.paint('dim', `from another machine, first: ssh -L ${port}:127.0.0.1:${port} this-server`),
  )
}

function appRole(text: string): [string, string] {
  const [app, role, more] = text.split('=')
  if (app && Role.safeParse(role).success && more === undefined) return [keyOf(app, undefined), role!]
  throw new Failure('usage.app-role', `--app ${text} names no role in an app`, {
    why: 'it wants the name of an app, =, and viewer, operator or admin',
    fix: '`inn people add EMAIL --app shop=operator`',
  })
}

function tellEnded({ terminal }: Cli, ended: readonly string[]): void {
  if (ended.length === 0) return
  const text = `${count(ended.length, 'token')} ended with it: ${list(ended)}; what used one needs another: inn token add NAME`
  terminal.print(terminal.paint('yellow', text))
}

/** inn people list */
export async function peopleList(cli: Cli): Promise<void> {
  const people = await cli.client.get<Person[]>('/api/people')
  if (cli.json) return printJson(people)
  if (people.length === 0) return cli.terminal.print('nobody yet: inn people add you@example.com')
  const rows = people.map(p => [
    p.email,
    sayRights({ ...p, verbs: null }),
    sayHeld(p.secondFactor),
    p.name,
    p.createdAt.slice(0, 10),
  ])
  cli.terminal.print(table(['EMAIL', 'ROLE', '2ND FACTOR', 'NAME', 'SINCE'], rows))
}

/** inn people remove EMAIL */
export async function peopleRemove(cli: Cli, email: string): Promise<void> {
  const answer = await cli.client.delete<PersonRemoved>(at`/api/people/${email}`)
  if (cli.json) return printJson(answer)
  cli.terminal.print(`${email} is removed and signed out everywhere`)
  tellEnded(cli, answer.ended)
}

/** inn token list */
export async function tokenList(cli: Cli): Promise<void> {
  const tokens = await cli.client.get<Token[]>('/api/tokens')
  if (cli.json) return printJson(tokens)
  if (tokens.length === 0) return cli.terminal.print('no token yet: inn token add NAME')
  const rows = tokens.map(t => [
    t.name,
    sayRights(rightsOf(t)),
    `${t.start ?? ''}…`,
    t.madeBy,
    t.createdAt.slice(0, 10),
    t.expiresAt?.slice(0, 10) ?? '-',
  ])
  cli.terminal.print(table(['NAME', 'ROLE', 'BEGINS WITH', 'MADE BY', 'SINCE', 'UNTIL'], rows))
}

/** inn token remove NAME: removes every token with that name, and the tokens that were made with one. */
export async function tokenRemove(cli: Cli, name: string): Promise<void> {
  const next = async () => (await cli.client.get<Token[]>('/api/tokens')).find(t => t.name === name)
  const removed: string[] = []
  const ended: string[] = []
  // The list is fetched again after each removal, because one token may have been made with another.
  for (let token = await next(); token !== undefined; token = await next()) {
    ended.push(...(await cli.client.delete<TokenRevoked>(at`/api/tokens/${token.id}`)).ended)
    removed.push(token.id)
  }
  if (removed.length === 0)
    throw new Failure('token.unknown', `there is no token ${name}`, {
      why: 'it was removed before, or was mistyped',
      fix: '`inn token list` shows them',
    })
  if (cli.json) return printJson({ removed, ended })
  cli.terminal.print(`${name} is refused from now on`)
  tellEnded(cli, ended)
}

/** inn token add NAME */
export async function tokenAdd(
  cli: Cli,
  name: string,
  flags: { role?: string; days?: number; app?: string[]; may?: string[] },
): Promise<void> {
  const answer = await cli.client.post<TokenAnswer>('/api/tokens', {
    name,
    role: flags.role,
    apps: flags.app?.map(app => keyOf(app, undefined)),
    verbs: flags.may,
    expiresInDays: flags.days,
  })
  if (cli.json) return printJson(answer)
  cli.terminal.print(
    `token ${answer.token.name} (${sayRights(rightsOf(answer.token))}), until ${answer.token.expiresAt?.slice(0, 10) ?? 'revoked'}; shown only now:`,
  )
  cli.terminal.print(cli.terminal.paint('bold', answer.secret))
}
