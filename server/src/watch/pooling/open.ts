import { z } from 'zod'
import { Failure } from '../../kernel/failure.ts'
import type { OpenPart } from '../../parts/part.ts'
import { alarmsOf } from './rule.ts'
import { Pooling } from './wire.ts'

export interface Needs {
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
  pooling: {
    /** Apps that run and have a pooler. */
    apps(): Promise<readonly string[]>
    /** null: the release that serves asks for none. Failure `pooler.silent`. */
    facts(app: string): Promise<Pooling | null>
  }
}

export const open = ({ knownApp, pooling }: Needs): OpenPart => ({
  async alarms() {
    // One that does not answer is told of as a part that is down.
    const seen = (await pooling.apps()).map(app => pooling.facts(app).catch(() => null))
    return (await Promise.all(seen)).flatMap(facts => (facts === null ? [] : alarmsOf(facts)))
  },
  routes(app) {
    app.get(
      '/api/apps/:app/pooling',
      {
        config: { permission: 'viewer' },
        schema: {
          summary: 'How full the pooler of an app is, and how its connections are divided',
          params: z.object({ app: z.string() }),
          response: { 200: Pooling },
        },
      },
      async request => {
        const { app: name } = request.params
        await knownApp(name)
        const facts = await pooling.facts(name)
        if (facts !== null) return facts
        throw new Failure('pooling.none', `${name} has no pooler`, {
          why: 'the release that serves does not ask for one',
          fix: '`pooling: true` under `database:` in innkeeper.yaml, and a deploy',
        })
      },
    )
  },
})
