import type { PersonAnswer, TokenAnswer } from '../../../contract/people.ts'
import { type Cli, printJson } from './command.ts'

/** inn people add EMAIL */
export async function peopleAdd(
  cli: Cli,
  email: string,
  flags: { role?: string; name?: string },
): Promise<void> {
  const answer = await cli.client.post<PersonAnswer>('/api/people', {
    email,
    role: flags.role,
    name: flags.name,
  })
  if (cli.json) return printJson(answer)
  const { terminal } = cli
  terminal.print(
    `${answer.person.email} is ${answer.person.role}. This link lets them choose a password; it works once, for a day:`,
  )
  terminal.print(terminal.paint('bold', answer.link))
  terminal.print(
    terminal.paint(
      'dim',
      `from another machine, first: ssh -L ${new URL(answer.link).port}:127.0.0.1:${new URL(answer.link).port} this-server`,
    ),
  )
}

/** inn token add NAME */
export async function tokenAdd(
  cli: Cli,
  name: string,
  flags: { role?: string; days?: string },
): Promise<void> {
  const answer = await cli.client.post<TokenAnswer>('/api/tokens', {
    name,
    role: flags.role,
    expiresInDays: flags.days === undefined ? undefined : Number(flags.days),
  })
  if (cli.json) return printJson(answer)
  cli.terminal.print(
    `token ${answer.token.name} (${answer.token.role}), until ${answer.token.expiresAt?.slice(0, 10) ?? 'revoked'}; shown only now:`,
  )
  cli.terminal.print(cli.terminal.paint('bold', answer.secret))
}
