import type { DatabaseSync } from 'node:sqlite'
import type { Journal, RunRow } from './journal.ts'
import type { Outcome } from './wire.ts'

/** A run in short. `outcome`: null while it goes on. */
export interface RunHead {
  id: string
  kind: string
  app: string | null
  title: string
  actor: string
  outcome: Outcome | null
  startedAt: number
}

/** Past runs, newest first, those that are stuck, and the run of an app that is under way. */
export function runHistory(raw: DatabaseSync, journal: Pick<Journal, 'read'>) {
  // Whether somebody asks for an app that sleeps is no change of it, as long as it wakes.
  const told = "(kind not in ('sleep', 'wake') or coalesce(outcome, 'done') <> 'done')"
  const newest = raw.prepare(`select id from run where ${told} order by started_at desc limit ?`)
  const ofApp = raw.prepare(
    `select id from run where app = ? and kind <> 'retire' and ${told} order by started_at desc limit ?`,
  )
  const open = raw.prepare(
    "select id from run where app = ? and state <> 'ended' and kind <> 'retire' limit 1",
  )
  // Of what belongs to no app, only one of the same kind shows that it works again.
  const stuck = raw.prepare(
    `select id from run as stuck where outcome = 'stuck' and not exists (
       select 1 from run as later where later.app is stuck.app and later.started_at > stuck.started_at
          and later.state = 'ended' and later.kind not in ('retire', 'sleep', 'wake') and (stuck.app is not null or later.kind = stuck.kind))`,
  )
  const heads = raw.prepare(
    `select id, kind, app, json_extract(plan, '$.title') as title, actor, outcome, started_at as startedAt from run
       where started_at >= ? and started_at <= ? order by started_at desc limit ?`,
  )
  const ids = (rows: unknown[]): string[] => rows.map(row => (row as { id: string }).id)
  return {
    /** null: runs of all apps, and those that belong to no app. */
    runs: (app: string | null, limit: number): RunRow[] =>
      ids(app === null ? newest.all(limit) : ofApp.all(app, limit)).map(id => journal.read(id)!),
    /** Those that began between two moments, newest first, without their steps. */
    runHeads: (from: number, to: number, limit: number): RunHead[] =>
      heads.all(from, to, limit).map(row => ({ ...(row as unknown as RunHead) })),
    /** Runs that a person must see to: the last of their app, or of their kind. */
    stuckRuns: (): RunRow[] => ids(stuck.all()).map(id => journal.read(id)!),
    openRun: (app: string): string | null => ids(open.all(app))[0] ?? null,
  }
}
