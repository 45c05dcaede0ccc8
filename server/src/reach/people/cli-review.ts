import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { rightsOf, sayRights } from './rights.ts'
import type { AccessReview } from './wire.ts'

/** inn people review */
export async function peopleReview(
  { client, terminal, json }: Cli,
  { done = false }: { done?: boolean },
): Promise<void> {
  const path = '/api/people/review'
  const found = done ? await client.post<AccessReview>(path, {}) : await client.get<AccessReview>(path)
  if (json) return printJson(found)
  const { people, tokens, findings, reviewedAt } = found
  if (done) return terminal.print('looked through today; you are asked again in a month')
  if (people.length + tokens.length === 0) return terminal.print('nobody but root of this server has access')
  if (people.length > 0)
    terminal.print(
      table(
        ['EMAIL', 'ROLE', 'SINCE', 'SIGNED IN'],
        people.map(one => [
          one.email,
          sayRights({ ...one, verbs: null }),
          day(one.createdAt),
          day(one.signedInAt),
        ]),
      ),
    )
  if (tokens.length > 0)
    terminal.print(
      table(
        ['TOKEN', 'ROLE', 'MADE BY', 'SINCE', 'USED', 'UNTIL'],
        tokens.map(one => [
          one.name,
          sayRights(rightsOf(one)),
          one.madeBy,
          day(one.createdAt),
          day(one.usedAt),
          day(one.expiresAt),
        ]),
      ),
    )
  for (const text of findings) terminal.print(terminal.paint('yellow', text))
  terminal.note(
    `looked through last: ${reviewedAt === null ? 'never' : day(reviewedAt)}; inn people review --done says that it is right`,
  )
}

const day = (at: string | null): string => at?.slice(0, 10) ?? 'never'
