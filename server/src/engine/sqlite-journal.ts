import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../db/transaction.ts'
import type { FailureJson } from '../kernel/failure.ts'
import type { Journal, LockRow, Phase, RowState, RunRow, RunState, StepRow } from './journal.ts'
import type { Plan } from './plan.ts'
import type { Outcome } from './wire.ts'

interface Row {
  id: string
  plan: string
  actor: string
  state: RunState
  outcome: Outcome | null
  failure: string | null
  leftover: string
  cancelled: number
  started_at: number
  ended_at: number | null
}

/** The journal in the keeper's store. Synchronous: when a call returns, it is on the disk. */
export function sqliteJournal(db: DatabaseSync): Journal {
  const of = statements(db)
  const transaction = <T>(work: () => T): T => inTransaction(db, work)
  const read = (id: string): RunRow | null => readRun(of, id)
  return {
    open({ id, plan, actor, startedAt }) {
      return transaction(() => {
        for (const name of plan.locks) {
          const held = of.holder.get(name) as unknown as LockRow | undefined
          if (held !== undefined) return { ...held }
        }
        of.insertRun.run(id, plan.kind, plan.app, JSON.stringify(plan), actor, startedAt)
        for (const name of plan.locks) of.insertLock.run(name, id, startedAt)
        return null
      })
    },
    step(run, row) {
      transaction(() => {
        of.putStep.run(run, row.phase, row.index, row.state, row.ms, row.note)
        if (['done', 'undone', 'failed'].includes(row.state)) of.alive.run(run)
      })
    },
    state(run, state, failure) {
      of.setState.run(state, failure === null ? null : JSON.stringify(failure), run)
    },
    cancel(run) {
      of.setCancelled.run(run)
    },
    resumed: run => (of.died.get(run) as { deaths: number }).deaths,
    rested() {
      of.rested.run()
    },
    end(run, { outcome, leftover, endedAt }) {
      transaction(() => {
        of.setEnd.run(outcome, JSON.stringify(leftover), endedAt, run)
        of.dropLocks.run(run)
      })
    },
    read,
    unfinished: () => (of.open.all() as Array<{ id: string }>).map(row => read(row.id)!),
  }
}

type Statements = ReturnType<typeof statements>

const statements = (db: DatabaseSync) => ({
  holder: db.prepare('select name, run, since from lock where name = ?'),
  insertRun: db.prepare(
    `insert into run (id, kind, app, plan, actor, state, started_at) values (?, ?, ?, ?, ?, 'running', ?)`,
  ),
  insertLock: db.prepare('insert into lock (name, run, since) values (?, ?, ?)'),
  putStep: db.prepare(
    `insert into run_step (run, phase, ix, state, ms, note) values (?, ?, ?, ?, ?, ?)
     on conflict do update set state = excluded.state, ms = excluded.ms, note = coalesce(excluded.note, note)`,
  ),
  died: db.prepare('update run set deaths = deaths + 1 where id = ? returning deaths'),
  alive: db.prepare('update run set deaths = 0 where id = ? and deaths <> 0'),
  rested: db.prepare(`update run set deaths = deaths - 1 where state <> 'ended'`),
  setState: db.prepare('update run set state = ?, failure = coalesce(?, failure) where id = ?'),
  setCancelled: db.prepare('update run set cancelled = 1 where id = ?'),
  setEnd: db.prepare(`update run set state = 'ended', outcome = ?, leftover = ?, ended_at = ? where id = ?`),
  dropLocks: db.prepare('delete from lock where run = ?'),
  one: db.prepare('select * from run where id = ?'),
  steps: db.prepare('select phase, ix as "index", state, ms, note from run_step where run = ?'),
  open: db.prepare(`select id from run where state <> 'ended' order by started_at`),
})

function readRun({ one, steps }: Statements, id: string): RunRow | null {
  const row = one.get(id) as unknown as Row | undefined
  if (row === undefined) return null
  const plan = JSON.parse(row.plan) as Plan
  const found = steps.all(id) as unknown as StepRow[]
  return {
    id,
    plan,
    actor: row.actor,
    state: row.state,
    outcome: row.outcome,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as FailureJson),
    leftover: JSON.parse(row.leftover) as string[],
    cancelled: row.cancelled === 1,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    steps: [...filled('steps', plan.steps.length, found), ...filled('cleanup', plan.cleanup.length, found)],
  }
}

/** A row for every step of the plan; a step without a row in the store is pending. */
function filled(phase: Phase, length: number, found: readonly StepRow[]): StepRow[] {
  return Array.from({ length }, (_, index) => {
    const row = found.find(step => step.phase === phase && step.index === index)
    return row ? { ...row } : { phase, index, state: 'pending' as RowState, ms: null, note: null }
  })
}
