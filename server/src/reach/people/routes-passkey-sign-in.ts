import type { FastifyReply } from 'fastify'
import type { Routes } from '../../api/routes.ts'
import { countedBy, type Rate } from '../../kernel/bucket.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Audit } from '../audit/audit.ts'
import type { People } from './people.ts'
import { doorOf } from './routes-door.ts'
import { addressOf, back, both, passed } from './routes-library.ts'
import { bodyLimit, hostOf } from './routes-passkeys.ts'
import { PasskeyOptions, PasskeySignIn } from './wire.ts'

const ASK = '/api/auth/passkey/generate-authenticate-options'
const ANSWER = '/api/auth/passkey/verify-authentication'

interface Ports {
  people: People
  audit: Pick<Audit, 'write'>
  clock: Clock
}

/** Questions of one address. Nobody guesses a signature, but each question is written to the store, for five minutes. */
const QUESTIONS: Rate = { burst: 30, perSecond: 1 }

/** Signing in with a passkey: what it is to sign, and what it signed. It takes no code, because the device asks who holds it. */
export function passkeySignIn(app: Routes, ports: Ports): void {
  const { people, clock } = ports
  const { config, onRequest, wrote } = doorOf(ports)
  const mayAsk = countedBy(QUESTIONS)
  const asks = { summary: 'What a passkey is to sign', response: { 200: PasskeyOptions } }
  app.post(ASK, { config, onRequest, schema: asks }, async (...asked) => {
    const [request, reply] = both(...asked)
    hostOf(request)
    if (!mayAsk(addressOf(request) ?? '', clock.now())) throw slow(reply)
    const answer = back(await people.passkeys.ask(passed(ASK, request, null)), request, reply)
    const said = (await answer.json()) as PasskeyOptions
    // The library only prefers it, and would take what was not verified: drivers/better-auth/passkey-options.ts does not.
    return answer.ok ? { ...said, userVerification: 'required' } : (said as never)
  })
  app.post(ANSWER, { config, onRequest, schema: { body: PasskeySignIn }, bodyLimit }, async (...asked) => {
    const [request, reply] = both(...asked)
    const before = await people.identify(new Headers({ cookie: request.headers.cookie ?? '' }))
    const { answer, passkey } = await people.passkeys.signIn(passed(ANSWER, request))
    back(answer, request, reply)
    if (passkey === null) return answer.json()
    // Whoever shows a passkey after the password has one session, not two.
    if (before?.session != null) await people.endSession(before.session)
    await wrote(passkey.email, 'sign in', request, `, with the passkey ${passkey.name}`)
    return { signedIn: true }
  })
}

function slow(reply: Pick<FastifyReply, 'header'>): Failure {
  reply.header('retry-after', 1)
  return new Failure('access.slow', 'too many sign-ins with passkeys were begun', {
    why: 'of one address thirty at once are taken, and one more each second',
    fix: 'try again in a moment, or sign in with your password',
  })
}
