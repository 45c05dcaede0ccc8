import type { Clock } from '../../kernel/clock.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Audit } from './audit.ts'
import type { People } from './people.ts'
import { peopleRoutes } from './routes.ts'
import { authRoutes } from './routes-auth.ts'

export interface Needs {
  people: People
  audit: Audit
  clock: Clock
}

export const open = ({ people, audit, clock }: Needs): OpenPart => ({
  routes(app) {
    peopleRoutes(app, { people, audit })
    authRoutes(app, { people, clock })
  },
})
