import type { RunRow } from '../../engine/journal.ts'
import type { Mark } from './wire.ts'

export interface MarkPorts {
  /** Newest first. */
  runs(app: string | null, limit: number): RunRow[]
  /** When alerts began, of one app or of all. */
  alerts(app: string | null): Promise<Began[]>
}

export interface Began {
  name: string
  app: string | null
  /** Milliseconds since 1970. */
  at: number
}

/** Runs that change what the lines are made of, and what they are called in a chart. */
const MARKED: Record<string, string> = {
  deploy: 'deploy',
  rollback: 'rollback',
  switch: 'switch',
  restart: 'restart',
  replace: 'restart',
  scale: 'scale',
  restore: 'restore',
  backup: 'backup',
}
const MOST_RUNS = 200
/** More lines than these hide the chart. Alerts and deploys say most, so backups are left out first. */
const MOST_MARKS = 60

/** What happened from a moment on, of an app or of all: changes, backups, alerts. */
export async function marksOf(ports: MarkPorts, app: string | null, from: number): Promise<Mark[]> {
  const of = (name: string | null, label: string) =>
    app === null && name !== null ? `${name} ${label}` : label
  const runs = ports.runs(app, MOST_RUNS).flatMap((row): Mark[] => {
    const label = MARKED[row.plan.kind]
    if (label === undefined || row.startedAt < from || row.outcome?.startsWith('done') !== true) return []
    const kind = label === 'backup' ? 'backup' : 'change'
    const said = of(row.plan.app ?? null, `${label} ${row.plan.release ?? ''}`.trim())
    return [{ at: row.endedAt ?? row.startedAt, label: said, run: row.id, kind }]
  })
  const alerts = (await ports.alerts(app))
    .filter(({ at }) => at >= from)
    .map(({ at, name, app: whose }): Mark => ({ at, label: of(whose, name), run: null, kind: 'alert' }))
  const all = [...runs, ...alerts]
  const shown = all.length > MOST_MARKS ? all.filter(({ kind }) => kind !== 'backup') : all
  return shown.toSorted((a, b) => b.at - a.at).slice(0, MOST_MARKS)
}
