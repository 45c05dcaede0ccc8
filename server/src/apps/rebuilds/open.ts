import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import type { OpenPart } from '../../parts/part.ts'
import { rebuildPerformer } from './perform.ts'
import type { RebuildPorts } from './ports.ts'
import type { Rebuilds } from './rebuilds.ts'
import type { RebuildStep } from './step.ts'

export interface Needs {
  rebuildPorts: RebuildPorts
  rebuilds: Rebuilds
  answer: Answer
}

export const open = ({ rebuildPorts, rebuilds, answer }: Needs): OpenPart<RebuildStep> => ({
  perform: rebuildPerformer(rebuildPorts),
  timers: [{ name: 'rebuilds', everyMs: 60_000, work: () => rebuilds.tick() }],
  alarms: () => rebuilds.alarms(),
  routes: app => rebuildRoute(app, rebuilds, answer),
})

function rebuildRoute(app: Routes, rebuilds: Rebuilds, answer: Answer): void {
  app.post(
    '/api/apps/:app/rebuild',
    {
      config: { permission: 'operator' },
      schema: {
        params: z.object({ app: z.string() }),
        body: z.object({ plan: z.boolean().default(false) }),
        response: { 200: ChangeAnswer },
      },
    },
    async request => answer(request, request.body, await rebuilds.planNow(request.params.app)),
  )
}
