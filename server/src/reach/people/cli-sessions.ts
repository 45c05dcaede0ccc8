import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import { tellLink } from './cli.ts'
import { type PersonAnswer, type Policy, type SessionView, Whom } from './wire.ts'

/** inn people reset EMAIL */
export async function peopleReset(cli: Cli, email: string): Promise<void> {
  const answer = await cli.client.post<PersonAnswer>(at`/api/people/${email}/reset`, {})
  if (cli.json) return printJson(answer)
  tellLink(cli, answer, 'has no second factor and no passkey any more, and is signed out everywhere')
}

/** inn people require WHOM */
export async function peopleRequire(cli: Cli, whom: string): Promise<void> {
  if (!Whom.safeParse(whom).success)
    throw new Failure('usage.whom', `${whom} is nobody that a second factor can be asked of`, {
      why: 'it wants nobody, admins or all',
      fix: '`inn people require admins`',
    })
  const policy = await cli.client.post<Policy>('/api/people/policy', { secondFactor: whom })
  if (cli.json) return printJson(policy)
  const says = {
    nobody: 'a second factor is for whoever wants one',
    admins: 'whoever is admin of something is led to set up a second factor, and may do nothing before',
    all: 'everybody is led to set up a second factor, and may do nothing before',
  }
  cli.terminal.print(says[policy.secondFactor])
}

/** inn people sessions */
export async function peopleSessions(
  { client, terminal, json }: Cli,
  email: string | undefined,
  { end = false }: { end?: boolean },
): Promise<void> {
  if (end && email === undefined)
    throw new Failure('usage.sessions', 'whose sessions end?', {
      why: '--end is about those of one person',
      fix: '`inn people sessions EMAIL --end`',
    })
  const all = await client.get<SessionView[]>('/api/sessions')
  const found = all.filter(one => email === undefined || one.email === email.toLowerCase())
  if (end) for (const { id } of found) await client.delete(at`/api/sessions/${id}`)
  if (json) return printJson(found)
  if (end) return terminal.print(`${count(found.length, 'session')} of ${email} ended`)
  if (found.length === 0) return terminal.print('nobody is signed in')
  const rows = found.map(one => [
    one.email,
    one.address ?? 'this server',
    local(one.since),
    local(one.usedAt),
    one.device ?? '-',
  ])
  terminal.print(table(['WHO', 'FROM', 'SINCE', 'USED', 'DEVICE'], rows))
}
