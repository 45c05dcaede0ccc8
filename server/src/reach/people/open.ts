import type { Clock } from '../../kernel/clock.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Audit } from '../audit/audit.ts'
import type { People } from './people.ts'
import { peopleRoutes } from './routes.ts'
import { authRoutes } from './routes-auth.ts'

export interface Needs {
  people: People
  audit: Pick<Audit, 'write'>
  clock: Clock
}

export const open = ({ people, audit, clock }: Needs): OpenPart => ({
  routes(app) {
    peopleRoutes(app, { people, audit })
    authRoutes(app, { people, audit, clock })
  },
})
