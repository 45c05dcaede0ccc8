import { z } from 'zod'
import { elsewhere, silentDatabase } from '../../apps/databases/unasked.ts'
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
        if (counted === 'none') throw elsewhere(name)
        if (counted === 'down') throw silentDatabase(name)
        if (counted === 'off') throw notCounted(name)
        return viewOf(name, counted)
      },
    )
  },
})

const notCounted = (app: string): Failure =>
  new Failure('statements.off', `the PostgreSQL of ${app} does not count its statements`, {
    why: 'it was started before Innkeeper told it to, or its package has no pg_stat_statements',
    fix: 'at an hour when nobody is served, `inn down` and then `inn up`; before it `apt-get install postgresql-contrib`, if that is missing',
  })
