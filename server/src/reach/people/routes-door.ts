import type { FastifyRequest } from 'fastify'
import { closed, fromElsewhere, fromHere } from '../../api/access.ts'
import type { Audit } from '../audit/audit.ts'
import type { People } from './people.ts'
import { addressOf } from './routes-library.ts'

interface Ports {
  people: Pick<People, 'any'>
  audit: Pick<Audit, 'write'>
}

export type Door = ReturnType<typeof doorOf>

/** What the routes share by which strangers sign in and out. They are closed until a person exists, and to pages of other sites. */
export const doorOf = ({ people, audit }: Ports) => ({
  config: { permission: 'public' } as const,
  // Checked before the body is read, so that a stranger's body is not parsed.
  async onRequest(request: unknown): Promise<void> {
    if (!people.any()) throw closed()
    const asked = request as FastifyRequest
    if (!fromHere(asked)) throw fromElsewhere(asked)
  },
  /** Writes into the audit log what somebody did, and from where. */
  wrote: (actor: string, action: string, request: FastifyRequest, more = ''): Promise<unknown> =>
    audit.write({ actor, action, detail: `from ${addressOf(request) ?? 'this server'}${more}` }),
})
