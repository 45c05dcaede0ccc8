import type { MigrationTool } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import type { MigrationList } from '../databases/migrations.ts'

/** What others wait for while the release step runs. */
export interface Waited {
  /** Of the session that they wait for. */
  pid: number
  sessions: number
  /** How long the first of them has waited. */
  ms: number
  statement: string
}

/** Port: whom the sessions of the migration keep waiting, and how one of them is cancelled. null: nobody can say. */
export interface Guard {
  /** As `release: { blockTimeout }` says. */
  mostMs: number
  waited(): Promise<Waited | null>
  cancel(pid: number): Promise<void>
}

/** How long a next try waits. Whoever held the lock has often gone by then. */
export const WAITS_MS: readonly number[] = [2_000, 6_000]

/** Tools whose migrations are transactions, so that one which failed has left nothing. Prisma records it, and Sequelize has none. */
const LEAVE_NOTHING: ReadonlySet<MigrationTool> = new Set([
  ...(['drizzle', 'node-pg-migrate', 'graphile-migrate', 'dbmate'] as const),
  ...(['knex', 'kysely', 'typeorm', 'mikro-orm', 'sql'] as const),
])

/** 55P03 is a lock that did not come in time, in PostgreSQL's own words, which tools print. */
const waitedInVain = ({ why, cause }: Failure): boolean =>
  /lock timeout|\b55P03\b/.test(why) || (cause as { code?: string } | undefined)?.code === '55P03'

interface Try {
  failure: Failure
  /** Whether others waited too long, so that it was cancelled. */
  cancelled: boolean
  tool: MigrationTool | null
  before: MigrationList | null
  after: MigrationList | null
  tries: number
}

/** Milliseconds until a release step that failed is worth another try; null: it is not. */
export function tryAgain({ failure, cancelled, tool, before, after, tries }: Try): number | null {
  const wait = WAITS_MS[tries - 1]
  if (wait === undefined || tool === null || !LEAVE_NOTHING.has(tool)) return null
  if (!cancelled && !waitedInVain(failure)) return null
  // What ran outside of a transaction stays, and would run twice.
  const { kept = [] } = (failure.facts['statements'] ?? {}) as { kept?: number[] }
  if (kept.length > 0 || before === null || after === null) return null
  return after.broken.length === 0 && after.locked === null ? wait : null
}

/** The same failure, where others waited too long for it. */
export const cancelledFor = (failure: Failure, { sessions, ms, statement }: Waited): Failure =>
  new Failure(failure.code, failure.message, {
    why: `it was cancelled, because ${count(sessions, 'session')} of the app had waited ${Math.round(ms / 1000)} s for it, at: ${statement}\n${failure.why}`,
    fix: '`inn db lint` shows the form that nobody waits for; where they may wait, `release: { blockTimeout: … }` in innkeeper.yaml says how long',
    facts: { ...failure.facts, waited: { sessions, ms } },
    cause: failure,
  })

/** Looks whom the migration keeps waiting, and cancels what they wait for when that takes too long. */
export function guarding(guard: Guard | null) {
  let ended: Waited | null = null
  let asking = false
  const look = async () => {
    if (guard === null || ended !== null || asking) return
    asking = true
    try {
      const now = await guard.waited()
      if (now === null || now.ms < guard.mostMs) return
      ended = now
      await guard.cancel(now.pid)
    } catch {
      // A database that cannot be asked has nobody waiting that could be helped.
    } finally {
      asking = false
    }
  }
  const timer = setInterval(look, 500)
  return { cancelled: () => ended, stop: () => clearInterval(timer) }
}
