import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Audit } from '../audit/audit.ts'
import type { Attempts } from './attempts-told.ts'
import { passkeyHost } from './passkey.ts'
import type { People } from './people.ts'
import { back, both, noPerson, passed, withPassword } from './routes-library.ts'
import { Done, FactorRequest, Factors, PasskeyOptions, PasskeyRequest } from './wire.ts'

interface Ports {
  people: People
  audit: Pick<Audit, 'write'>
  attempts: Attempts
}

/** Of whoever is signed in, whatever they may, and also before they have what is asked of them. */
const own = { permission: 'viewer', sorts: true, beforeFactor: 'owed', verb: 'any' } as const
const LIBRARY = '/api/auth/passkey'
/** What a browser sends of a passkey is some kilobytes. */
export const bodyLimit = 65_536

/** A person's own passkeys. Adding and removing one takes the password, as the codes of an app do. */
export function passkeyRoutes(app: Routes, ports: Ports): void {
  const factors = { ...own, beforeFactor: 'any' } as const
  app.get(
    '/api/me/second-factor',
    { config: factors, schema: { summary: 'What there is beside the password', response: { 200: Factors } } },
    request => ports.people.factors(signedIn(request).email),
  )
  addRoutes(app, ports)
  removeRoute(app, ports)
}

function addRoutes(app: Routes, { people, audit, attempts }: Ports): void {
  const begins = {
    summary: 'Begins a passkey: what the browser makes it of',
    ...{ body: FactorRequest, response: { 200: PasskeyOptions } },
  }
  app.post('/api/me/passkeys/options', { config: own, schema: begins }, async (request, reply) => {
    hostOf(request)
    const asked = passed(`${LIBRARY}/generate-register-options`, request as FastifyRequest, null)
    const said = await withPassword<PasskeyOptions>(attempts, both(request, reply), email =>
      people.passkeys.begin(asked, email, request.body.password),
    )
    return 'refused' in said ? (said.refused as never) : said
  })
  const keeps = { summary: 'Keeps a passkey that was made', body: PasskeyRequest, response: { 200: Done } }
  app.post('/api/me/passkeys', { config: own, schema: keeps, bodyLimit }, async (request, reply) => {
    const { session } = signedIn(request)
    const asked = passed(`${LIBRARY}/verify-registration`, request as FastifyRequest)
    const answer = back(await people.passkeys.add(asked, session), ...both(request, reply))
    if (!answer.ok) return (await answer.json()) as never
    const detail = `added ${request.body.name}, for ${hostOf(request)}`
    await audit.write({ actor: request.actor.name, action: 'passkey', detail })
    return { done: true as const }
  })
}

function removeRoute(app: Routes, { people, audit, attempts }: Ports): void {
  const params = z.object({ id: z.string() })
  const schema = { params, summary: 'Takes it away', body: FactorRequest, response: { 200: Done } }
  app.post('/api/me/passkeys/:id/remove', { config: own, schema }, async (request, reply) => {
    const { id } = request.params
    const { email, session } = signedIn(request)
    const found = (await people.factors(email)).passkeys.find(one => one.id === id)
    if (found === undefined) throw unknownPasskey()
    const asked = passed(`${LIBRARY}/delete-passkey`, request as FastifyRequest, { id })
    const said = await withPassword<object>(attempts, both(request, reply), () =>
      people.passkeys.remove(asked, request.body.password, session),
    )
    if ('refused' in said) return said.refused as never
    const detail = `removed ${found.name}, for ${found.host}`
    await audit.write({ actor: request.actor.name, action: 'passkey', detail })
    return { done: true as const }
  })
}

function signedIn({ actor }: Pick<FastifyRequest, 'actor'>): { email: string; session: string } {
  const { email, session } = actor
  if (email === null || session === null) throw noPerson({ actor })
  return { email, session }
}

/** The name to which a passkey of this request is bound. */
export function hostOf({
  headers,
  protocol,
  host,
}: Pick<FastifyRequest, 'headers' | 'protocol' | 'host'>): string {
  const at = headers.origin ?? `${protocol}://${host}`
  const found = passkeyHost(at)
  if (found !== null) return found
  throw new Failure('passkey.address', `no passkey works at ${at}`, {
    why: 'it belongs to a name, and a browser takes it at localhost or behind TLS alone',
    fix: 'open the dashboard as http://localhost with the same port, or by a domain with TLS',
  })
}

const unknownPasskey = (): Failure =>
  new Failure('passkey.unknown', 'there is no such passkey', {
    why: 'it was removed before, or it is somebody else’s',
    fix: 'Account in the dashboard shows yours',
  })
