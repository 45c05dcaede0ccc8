import type { Clock } from '../kernel/clock.ts'
import { Failure } from '../kernel/failure.ts'
import type { Journal, LockRow, RunRow } from './journal.ts'
import type { Plan, Step } from './plan.ts'
import { carryOut, type Doing, type EngineEvent, type Live, type Perform } from './run.ts'
import type { Outcome } from './wire.ts'

export interface Engine<S extends Step> {
  /** Takes the plan's locks and begins; Failure `run.locked` says who holds one. */
  start(plan: Plan<S>, actor: string): string
  /** Continues every run that was under way when the process stopped. Returns their ids. */
  resume(): string[]
  /** Says that this process ends in order, so that what is under way is not taken for what killed it. */
  rest(): void
  /** Undoes a run that has not passed its point of no return; false when it has. */
  cancel(run: string): boolean
  /** Whether a run is under way. */
  busy(): boolean
  /** How many runs of this kind are under way. */
  count(kind: string): number
  /** Whether a run under way holds this lock. */
  holds(lock: string): boolean
  /** Resolves when the run has ended. */
  ended(run: string): Promise<Outcome>
  on(listener: (event: EngineEvent) => void): () => void
}

interface Options<S extends Step> {
  journal: Journal
  perform: Perform<S>
  clock: Clock
  newId: () => string
  /** Called with an unexpected error of a step, for the log: the journal keeps only its message. */
  onDefect?: (error: unknown, title: string) => void
}

/** The only code that changes a server. It does the steps of a plan one by one, with a journal write before and after each. */
export function createEngine<S extends Step>(options: Options<S>): Engine<S> {
  const { journal, clock, newId } = options
  const listeners = new Set<(event: EngineEvent) => void>()
  const emit = (event: EngineEvent) => {
    for (const listener of listeners) listener(event)
  }
  const runs = createRuns({ ...options, emit })
  return {
    start(plan, actor) {
      const id = newId()
      const holder = journal.open({ id, plan, actor, startedAt: clock.now() })
      if (holder !== null) throw locked(holder, journal.read(holder.run), clock.now())
      runs.launch(journal.read(id)!)
      return id
    },
    resume() {
      const rows = journal.unfinished().filter(row => runs.find(row.id) === undefined)
      for (const row of rows) runs.launch(row, journal.resumed(row.id))
      return rows.map(row => row.id)
    },
    rest: () => journal.rested(),
    cancel(id) {
      const run = runs.find(id)
      if (run === undefined || journal.read(id)?.state !== 'running') return false
      journal.cancel(id)
      run.abort.abort(cancelled(run.plan.title))
      return true
    },
    busy: () => runs.any(),
    count: kind => runs.count(kind),
    holds: lock => runs.holds(lock),
    async ended(id) {
      const outcome = (await runs.ending(id)) ?? journal.read(id)?.outcome
      if (outcome != null) return outcome
      throw new Failure('run.unknown', `there is no run ${id}`, {
        why: 'the journal does not hold it',
        fix: '`inn history` lists them',
      })
    },
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

const START = { phase: 'steps', index: 0 } as const

/** The runs under way in this process. */
function createRuns<S extends Step>(doing: Doing<S>) {
  const live = new Map<string, Live<S>>()
  const endings = new Map<string, Promise<Outcome>>()

  async function toItsEnd(run: Live<S>): Promise<Outcome> {
    await carryOut(doing, run)
    live.delete(run.id)
    doing.emit({ type: 'run', run: run.id })
    return doing.journal.read(run.id)!.outcome!
  }

  return {
    find: (id: string) => live.get(id),
    any: () => live.size > 0,
    count: (kind: string) => [...live.values()].filter(run => run.plan.kind === kind).length,
    holds: (lock: string) => [...live.values()].some(run => run.plan.locks.includes(lock)),
    ending: (id: string): Promise<Outcome> | undefined => endings.get(id),
    launch(row: RunRow, deaths = 0): void {
      const { id, actor } = row
      const plan = row.plan as Plan<S>
      const deadly = deaths >= MOST_DEATHS ? keeperDied(plan.title) : null
      const run: Live<S> = { id, plan, actor, abort: new AbortController(), row, at: START, deadly }
      if (deadly !== null) run.abort.abort(deadly)
      else if (row.cancelled) run.abort.abort(cancelled(row.plan.title))
      live.set(id, run)
      const ending = toItsEnd(run)
      endings.set(id, ending)
      // The journal knows the runs that ended. A run whose end could not be journaled is remembered here.
      ending.then(
        () => endings.delete(id),
        error => {
          live.delete(id)
          doing.onDefect?.(error, plan.title)
        },
      )
    },
  }
}

/** A step at which the keeper died so often in a row is taken for the cause: tried again, it would bring the keeper down for ever. */
const MOST_DEATHS = 2

function keeperDied(title: string): Failure {
  return new Failure('run.keeper-died', `the keeper died twice in a row while "${title}" was at this step`, {
    why: 'it may have run out of memory, or was killed; a third try would most likely end the same way',
    fix: '`inn logs keeper` and the log of the machine (`dmesg`) say of what; then begin it again',
  })
}

function cancelled(title: string): Failure {
  return new Failure('run.cancelled', `${title} was cancelled`, {
    why: 'somebody asked for it, or it gave way to a change that does not wait for it',
    fix: 'begin it again when it is wanted',
  })
}

function locked(holder: LockRow, run: RunRow | null, now: number): Failure {
  const seconds = Math.round((now - holder.since) / 1000)
  return new Failure('run.locked', `${holder.name.replace(':', ' ')} is being changed by another run`, {
    why: `${run?.actor ?? 'somebody'} began "${run?.plan.title ?? holder.run}" ${seconds} s ago`,
    fix: `wait for it (\`--wait\` does that), or take it back in the terminal where it runs, or: \`inn cancel ${holder.run}\``,
    facts: {
      run: holder.run,
      since: new Date(holder.since).toISOString(),
      actor: run?.actor,
      kind: run?.plan.kind,
    },
  })
}
