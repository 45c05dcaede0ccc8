import { isAssistant, type Rights } from '../../api/actor.ts'
import { TOOL_HEADER } from '../../api/assistant.ts'
import type { Client } from '../../cli/client.ts'
import type { Cli } from '../../cli/command.ts'
import type { AssistantAnswer } from './wire.ts'

/** A token is taken for ended so long before it ends. */
const EARLY_MS = 5 * 60_000

export interface Session {
  /** A client that may do what an assistant may, whatever the way to the keeper allows. */
  as(tool: string): Promise<Client>
  /** The keeper knows the token no more: the next call asks for another one. */
  lost(): void
  /** Ends the token, where one was made. */
  end(): Promise<void>
}

/** Asks the keeper for the token of an assistant when a tool is first used, and again before it ends. */
export function openSession(
  { client, as }: Pick<Cli, 'client' | 'as'>,
  now: () => number = Date.now,
): Session {
  let token: Promise<Lent> | null = null
  const lent = async (): Promise<Lent> => {
    const before = token
    const known = await before?.catch(() => null)
    if (known && now() < known.until) return known
    // Several tools may be used at once: the first of them asks.
    if (token === before) token = lend(client)
    return token!
  }
  return {
    as: async tool => as((await lent()).secret, { [TOOL_HEADER]: tool }),
    lost() {
      token = null
    },
    async end() {
      const known = await token?.catch(() => null)
      if (known?.secret) await as(known.secret, {}).delete('/api/assistant')
    },
  }
}

/** `secret`: null where the way to the keeper is the token of an assistant already. */
interface Lent {
  secret: string | null
  until: number
}

async function lend(client: Client): Promise<Lent> {
  const me = await client.get<Pick<Rights, 'verbs'>>('/api/me')
  if (isAssistant(me)) return { secret: null, until: Number.POSITIVE_INFINITY }
  const { secret, endsAt } = await client.post<AssistantAnswer>('/api/assistant', {})
  return { secret, until: Date.parse(endsAt) - EARLY_MS }
}
