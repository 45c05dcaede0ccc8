import { z } from 'zod'
import { Failure } from '../../kernel/failure.ts'
import type { OpenPart } from '../../parts/part.ts'
import { type Counted, MOST, viewOf } from './statements.ts'
import { Statements } from './wire.ts'

export interface Needs {
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
  /** What the cluster of an app has counted. `none`: it has no cluster here; `down`: it does not answer; `off`: it does not count. */
  statements(app: string, most: number): Promise<Counted | 'none' | 'down' | 'off'>
}

export const open = ({ knownApp, statements }: Needs): OpenPart => ({
  routes(app) {
    app.get(
      '/api/apps/:app/statements',
      {
        config: { permission: 'viewer' },
        schema: {
          summary: "The statements that took most of the time of an app's database",
          params: z.object({ app: z.string() }),
          response: { 200: Statements },
        },
      },
      async request => {
        const { app: name } = request.params
        await knownApp(name)
        const counted = await statements(name, MOST)
        if (counted === 'none') throw noDatabase(name)
        if (counted === 'down') throw down(name)
        if (counted === 'off') throw notCounted(name)
        return viewOf(name, counted)
      },
    )
  },
})

const noDatabase = (app: string): Failure =>
  new Failure('statements.none', `${app} has no PostgreSQL of Innkeeper`, {
    why: 'what its statements cost is known to the server that it uses, wherever that is',
    fix: 'ask there; or `database: { postgres: true }` in innkeeper.yaml',
  })

const down = (app: string): Failure =>
  new Failure('statements.down', `the PostgreSQL of ${app} does not answer`, {
    why: 'it ended, starts just now, or is frozen',
    fix: `\`inn logs ${app} --service postgres\` says more`,
  })

const notCounted = (app: string): Failure =>
  new Failure('statements.off', `the PostgreSQL of ${app} does not count its statements`, {
    why: 'it was started before Innkeeper told it to, or its package has no pg_stat_statements',
    fix: 'at an hour when nobody is served, `inn down` and then `inn up`; before it `apt-get install postgresql-contrib`, if that is missing',
  })
