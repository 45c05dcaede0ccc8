import { z } from 'zod'
import type { Answer } from '../../api/begin.ts'
import type { Routes } from '../../api/routes.ts'
import { ChangeAnswer } from '../../engine/wire-change.ts'
import { iso } from '../../kernel/moments.ts'
import { type Archive, actionOf, type Named, type Receipt } from './retention.ts'
import type { Retentions } from './retentions.ts'
import {
  type RetentionArchive,
  RetentionCounts,
  RetentionList,
  type RetentionReceipt,
  RetentionRequest,
  RetentionRestoreRequest,
} from './wire.ts'

interface Ports {
  retentions: Retentions
  answer: Answer
}

const ByApp = z.object({ app: z.string() })
const viewer = { permission: 'viewer' } as const
const operator = { permission: 'operator', wakes: true } as const

export function retentionRoutes(app: Routes, { retentions, answer }: Ports): void {
  app.get(
    '/api/apps/:app/retention',
    {
      config: viewer,
      schema: { summary: 'Rules, receipts and archives', params: ByApp, response: { 200: RetentionList } },
    },
    async request => {
      const { app: name } = request.params
      const { rules, receipts, archives } = await retentions.list(name)
      return {
        app: name,
        rules: rules.map(({ rule, nextAt }) => ({
          ...{ ...ruleView(rule), schedule: rule.schedule, nextAt: nextAt === null ? null : iso(nextAt) },
        })),
        receipts: receipts.map(receiptView),
        archives: archives.map(archiveView),
      }
    },
  )
  app.get(
    '/api/apps/:app/retention/counts',
    {
      config: viewer,
      schema: { summary: 'What would go now', params: ByApp, response: { 200: RetentionCounts } },
    },
    async request => ({
      app: request.params.app,
      rules: (await retentions.counts(request.params.app)).map(({ rule, ...figures }) => ({
        ...ruleView(rule),
        ...figures,
      })),
    }),
  )
  app.post(
    '/api/apps/:app/retention',
    {
      config: { ...operator, proposal: true },
      schema: { params: ByApp, body: RetentionRequest, response: { 200: ChangeAnswer } },
    },
    async request => {
      const { rule } = request.body
      return answer(request, request.body, await retentions.planNow(request.params.app, rule))
    },
  )
  app.post(
    '/api/apps/:app/retention/restore',
    {
      config: { ...operator, proposal: true },
      schema: { params: ByApp, body: RetentionRestoreRequest, response: { 200: ChangeAnswer } },
    },
    async request => {
      const { archive, copy } = request.body
      return answer(request, request.body, await retentions.planRestore(request.params.app, archive, copy))
    },
  )
}

const ruleView = (rule: Named) => ({ rule: rule.name, table: rule.table, action: actionOf(rule) })

function receiptView({ app: _, more: __, startedAt, endedAt, ...receipt }: Receipt): RetentionReceipt {
  return { ...receipt, startedAt: iso(startedAt), endedAt: endedAt === null ? null : iso(endedAt) }
}

function archiveView({ at, parts, left, state, ...archive }: Archive): RetentionArchive {
  const { id, rule, table, bytes, sha256, run } = archive
  return {
    ...{ id, rule, table, bytes, sha256, run, at: iso(at), state: state === 'done' ? 'done' : 'kept' },
    rows: archive.rows - left.length,
    places: parts.map(part => ({ place: part.place, snapshot: part.id })),
  }
}
