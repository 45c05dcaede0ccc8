import type { FastifyInstance, FastifyRequest } from 'fastify'
import { describe, Failure } from '../kernel/failure.ts'
import { type Actor, isAssistant } from './actor.ts'

export interface CallLog {
  write(
    row: { actor: string; action: string; app: string | null; detail: string },
    outcome: string,
  ): Promise<unknown>
}

/** In which an assistant says by which tool it asks. */
export const TOOL_HEADER = 'x-innkeeper-tool'

/** Longest text of one call in the audit log. */
const LONGEST = 400

/** Writes down whatever an assistant asks for, also what is refused, before the answer leaves: no answer without its entry. */
export function keepCalls(app: FastifyInstance, audit: CallLog): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { actor } = request
    if (!actor || !isAssistant(actor)) return payload
    const row = { actor: actor.name, action: 'assistant', app: appOf(request), detail: detailOf(request) }
    try {
      await audit.write(row, reply.statusCode < 400 ? 'done' : 'refused')
      return payload
    } catch (error) {
      reply.code(500).header('content-type', 'application/json')
      return JSON.stringify({ failure: unwritten(error) })
    }
  })
}

const unwritten = (error: unknown): Failure =>
  new Failure('audit.unwritten', 'this call could not be written down, so it is not answered', {
    why: describe(error).what,
    fix: '`inn status` and `inn logs keeper -n 50` show what is wrong with the store',
  })

function appOf({ params, query, body }: FastifyRequest): string | null {
  const named = [params, query, body].map(one => (one as { app?: unknown } | null | undefined)?.app)
  const app = named.find(one => typeof one === 'string')
  return app === undefined ? null : String(app).slice(0, 64)
}

/** The tool is what the assistant says; the request is what was asked for. No such request carries a secret. */
function detailOf({ headers, method, url, body }: FastifyRequest): string {
  const tool = String(headers[TOOL_HEADER] ?? '')
    .replaceAll(/[^a-z_]/g, '')
    .slice(0, 40)
  const sent = body === undefined || body === null ? '' : ` ${JSON.stringify(body)}`
  return `${tool === '' ? '' : `${tool}: `}${method} ${url}${sent}`.slice(0, LONGEST)
}

/** A stream would go on without an entry of its end, so an assistant has none. Failure `access.stream`. */
export function checkStream({ actor }: { actor: Pick<Actor, 'name' | 'verbs'> }): void {
  if (!isAssistant(actor)) return
  throw new Failure('access.stream', `${actor.name} cannot follow this`, {
    why: 'each answer to an assistant has its entry in the audit log, and a stream has no end',
    fix: 'ask again for what is there by now',
  })
}
