import type { Clock } from '../../kernel/clock.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Audit } from '../audit/audit.ts'
import { toldAttempts } from './attempts-told.ts'
import type { People } from './people.ts'
import { reviewAlarms } from './review.ts'
import { accessOf, peopleRoutes } from './routes.ts'
import { authRoutes } from './routes-auth.ts'
import { factorRoutes } from './routes-factor.ts'
import { passkeySignIn } from './routes-passkey-sign-in.ts'
import { passkeyRoutes } from './routes-passkeys.ts'
import { lockRoutes, sessionRoutes } from './routes-sessions.ts'

export interface Needs {
  people: People
  audit: Pick<Audit, 'write' | 'lastOf'>
  clock: Clock
}

export function open({ people, audit, clock }: Needs): OpenPart {
  const attempts = toldAttempts({ people, audit, clock })
  const ports = { people, audit, attempts, clock }
  return {
    // Where nobody was added, the sign-in library is not even loaded.
    alarms: async () => (people.any() ? reviewAlarms(await accessOf({ people, audit }), clock.now()) : []),
    routes(app) {
      peopleRoutes(app, { people, audit })
      authRoutes(app, ports)
      factorRoutes(app, ports)
      passkeySignIn(app, ports)
      passkeyRoutes(app, ports)
      sessionRoutes(app, ports)
      lockRoutes(app, ports)
    },
  }
}
