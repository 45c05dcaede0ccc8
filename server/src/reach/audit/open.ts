import { z } from 'zod'
import type { Routes } from '../../api/routes.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Audit } from './audit.ts'
import { AuditEntry, AuditQuery, ChainedEntry, ChainQuery } from './wire.ts'

const MINUTE_MS = 60_000
/** The whole log is gone through so often. */
const CHECK_MS = 24 * 60 * MINUTE_MS

export interface Needs {
  audit: Audit
  clock: Clock
  /** Called when something of a run has changed. */
  engine: { on(listener: (event: { type: string }) => void): unknown }
}

export function open({ audit, clock, engine }: Needs): OpenPart {
  const check = keepChecked(audit, clock)
  engine.on(({ type }) => {
    // What fails here is tried again by the timer, which says so.
    if (type === 'run') void audit.settle().catch(() => {})
  })
  return {
    timers: [
      {
        name: 'audit',
        everyMs: MINUTE_MS,
        async work() {
          // Of runs that ended while nobody listened.
          await audit.settle()
          await check.look()
        },
      },
    ],
    alarms: async () => alarmsOf(check.broken()),
    routes: app => auditRoutes(app, audit),
  }
}

function keepChecked(audit: Audit, clock: Clock) {
  let broken: ChainedEntry | null = null
  let at = Number.NEGATIVE_INFINITY
  return {
    broken: () => broken,
    async look(): Promise<void> {
      if (clock.now() - at < CHECK_MS) return
      at = clock.now()
      broken = await audit.broken()
    },
  }
}

const alarmsOf = (broken: ChainedEntry | null): Alarm[] =>
  broken === null
    ? []
    : [
        {
          code: 'audit.broken',
          level: 'late',
          what: `the audit log was changed by hand: entry ${broken.id} does not follow from the one before it`,
          fix: '`inn audit verify` says more; whoever can write to the store of Innkeeper is root of this server',
        },
      ]

function auditRoutes(app: Routes, audit: Audit): void {
  const admin = { permission: 'admin' } as const
  app.get(
    '/api/audit',
    {
      config: { ...admin, sorts: true },
      schema: { querystring: AuditQuery, response: { 200: z.array(AuditEntry) } },
    },
    request => audit.list(request.query, request.reach()),
  )
  app.get(
    '/api/audit/chain',
    {
      config: admin,
      schema: {
        summary: 'Entries as they were written, the oldest first, each with its hash',
        querystring: ChainQuery,
        response: { 200: z.array(ChainedEntry) },
      },
    },
    async ({ query }) => audit.chain(query.after, query.limit),
  )
}
