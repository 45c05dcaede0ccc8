import { z } from 'zod'
import { mayIn, mayUse } from '../../api/actor.ts'
import type { Answer } from '../../api/begin.ts'
import { sharedByPreviews } from '../../config/app-key.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { Failure } from '../../kernel/failure.ts'
import type { OpenPart } from '../../parts/part.ts'
import { createPreviews, type PreviewPorts } from './previews.ts'
import { DownRequest, PreviewView } from './wire.ts'

export interface Needs extends PreviewPorts {
  answer: Answer
}

export function open(needs: Needs): OpenPart {
  const previews = createPreviews(needs)
  const listed = { summary: 'Previews of branches', response: { 200: z.array(PreviewView) } }
  const removed = {
    summary: 'Removes a preview with its data',
    ...{ params: z.object({ app: z.string() }), body: DownRequest, response: { 200: ChangeAnswer } },
  }
  return {
    timers: [{ name: 'previews', everyMs: 60_000, work: () => previews.end() }],
    routes(app) {
      app.get(
        '/api/previews',
        { config: { permission: 'viewer', sorts: true, verb: 'any' }, schema: listed },
        request =>
          previews.list(
            app => request.permits(app),
            app => mayUse(request.actor, 'deploy') && mayIn(request.actor, 'operator', app),
          ),
      )
      app.post(
        '/api/apps/:app/preview-down',
        { config: { permission: 'operator', verb: 'deploy' }, schema: removed },
        async request => {
          const { app } = request.params
          if (sharedByPreviews(app) === null) throw none(app)
          return needs.answer(request, request.body, await needs.deployer.planRemove(app, { data: true }))
        },
      )
    },
  }
}

const none = (app: string): Failure =>
  new Failure('preview.none', `${app} is no preview`, {
    why: 'the environment of a preview begins with preview-',
    fix: `\`inn preview list\` shows them; \`inn remove ${app}\` removes an app`,
  })
