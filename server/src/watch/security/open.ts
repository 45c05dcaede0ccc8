import type { OpenPart } from '../../parts/part.ts'
import type { Security } from './security.ts'
import { SecurityQuery, SecurityReport } from './wire.ts'

export interface Needs {
  security: Security
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
}

export const open = ({ security, knownApp }: Needs): OpenPart => ({
  routes(routes) {
    routes.get(
      '/api/security',
      {
        // It says where a wall is low.
        config: { permission: 'operator' },
        schema: {
          summary: 'What an attacker would find at this server and its apps, each with its fix',
          querystring: SecurityQuery,
          response: { 200: SecurityReport },
        },
      },
      async ({ query: { app = null, again } }) => {
        if (app !== null) await knownApp(app)
        return security.report({ app, again: again === 'true' })
      },
    )
  },
})
