import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Point } from '../backups/point.ts'
import type { Restores } from '../restores/restores.ts'
import { type RehearsalPorts, rehearsalPerformer } from './perform.ts'
import { planRehearsal } from './plan.ts'
import type { Report } from './rehearsal.ts'
import type { RehearsalStep } from './step.ts'
import { RehearsalReport, RehearsalRequest } from './wire.ts'

export interface Needs {
  rehearsalPorts: RehearsalPorts
  restores: Pick<Restores, 'choose'>
  /** Failure `app.unknown`. */
  knownApp(app: string): Promise<unknown>
  answer: Answer
}

const ByApp = z.object({ app: z.string() })

export const open = ({ rehearsalPorts, restores, knownApp, answer }: Needs): OpenPart<RehearsalStep> => ({
  perform: rehearsalPerformer(rehearsalPorts),
  routes(app) {
    app.get(
      '/api/apps/:app/rehearsals',
      {
        config: { permission: 'viewer' },
        schema: {
          summary: 'What rehearsals of migrations showed, the newest first',
          params: ByApp,
          response: { 200: z.array(RehearsalReport) },
        },
      },
      async request => {
        await knownApp(request.params.app)
        return (await rehearsalPorts.store.list(request.params.app)).map(viewOf)
      },
    )
    app.post(
      '/api/apps/:app/rehearsals',
      {
        config: { permission: 'operator' },
        schema: {
          summary: 'Runs the pending migrations of an uploaded source on a copy of the app’s newest backup',
          params: ByApp,
          body: RehearsalRequest,
          response: { 200: ChangeAnswer },
        },
      },
      async request => {
        const { app: name } = request.params
        await knownApp(name)
        const point = newestGood(name, await rehearsalPorts.points(name))
        const chosen = await restores.choose(name, { point: point.name, zone: 'UTC' })
        return answer(
          request,
          request.body,
          planRehearsal({ app: name, upload: request.body.upload, chosen }),
        )
      },
    )
  },
})

/** Failure `rehearsal.no-backup`. */
function newestGood(app: string, points: readonly Point[]): Point {
  const [newest] = points
    .filter(({ state, segment }) => state === 'good' && segment !== null)
    .sort((a, b) => b.at - a.at)
  if (newest !== undefined) return newest
  throw new Failure('rehearsal.no-backup', `there is no good backup of the database of ${app} yet`, {
    why: 'migrations are rehearsed on data that comes back from one',
    fix: `\`inn backup now ${app}\` takes one`,
  })
}

const viewOf = ({ at, migrations, code, held, rewritten, waiting, ...rest }: Report): RehearsalReport => ({
  ...{ ...rest, at: iso(at), migrations: [...migrations], code: [...code], held: [...held] },
  ...{ rewritten: [...rewritten], waiting: [...waiting] },
})
