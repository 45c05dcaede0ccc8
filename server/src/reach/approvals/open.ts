import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import { Approval } from '../../engine/wire-change.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Approvals } from './approvals.ts'
import type { Kept } from './rule.ts'

export interface Needs {
  approvals: Approvals
}

export const open = ({ approvals }: Needs): OpenPart => ({
  timers: [{ name: 'approvals', everyMs: 3_600_000, work: () => approvals.forget() }],
  alarms: async () => (await approvals.waiting()).map(alarmOf),
  routes: app => approvalRoutes(app, approvals),
})

const alarmOf = ({ id, app, plan, askedBy }: Kept): Alarm => ({
  code: 'approval.waiting',
  level: 'soon',
  what: `it waits for an approval: ${plan.title}, asked for by ${askedBy}`,
  fix: `\`inn approvals show ${id}\`, or the dashboard`,
  app,
  name: id,
})

const ById = z.object({ id: z.string().max(40) })
const one = { params: ById, response: { 200: Approval } }

function approvalRoutes(app: Routes, approvals: Approvals): void {
  const viewer = { permission: 'viewer', sorts: true } as const
  const operator = { permission: 'operator', sorts: true } as const
  app.get(
    '/api/approvals',
    { config: viewer, schema: { summary: 'Newest first', response: { 200: z.array(Approval) } } },
    async request => (await approvals.all()).filter(({ app }) => request.permits(app)),
  )
  app.get('/api/approvals/:id', { config: viewer, schema: one }, async request => {
    const found = await approvals.get(request.params.id)
    request.demand(found.app)
    return found
  })
  const approving = { ...one, body: z.object({ digest: z.string().max(64) }) }
  app.post('/api/approvals/:id/approve', { config: operator, schema: approving }, async request => {
    const { params, body, actor } = request
    request.demand((await approvals.get(params.id)).app)
    return approvals.approve(params.id, { ...actor, digest: body.digest })
  })
  app.post('/api/approvals/:id/refuse', { config: operator, schema: one }, async request => {
    request.demand((await approvals.get(request.params.id)).app)
    return approvals.refuse(request.params.id, request.actor)
  })
}
