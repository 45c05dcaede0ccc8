import { openStore, type Store } from '../../db/db.ts'
import { createEngine } from '../../engine/engine.ts'
import type { Plan, Sentences, Step } from '../../engine/plan.ts'
import type { EngineEvent, Perform } from '../../engine/run.ts'
import { sqliteJournal } from '../../engine/sqlite-journal.ts'
import { views } from '../../engine/view.ts'
import type { Run } from '../../engine/wire.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Failure } from '../../kernel/failure.ts'

/** A plan that a command carries out by itself, with the engine and a journal of its own: the keeper cannot. */
export interface Errand<S extends Step> {
  /** The run that an earlier command was cut in; null: there is none. */
  unfinished(): string | null
  /** Begins the plan, or goes on with the run that was cut. Resolves with the run when it has ended. */
  carryOut(plan: Plan<S> | null, actor: string): Promise<Run>
  /** Takes the run under way back. */
  cancel(): void
  close(): void
}

/** Called with the run after each change, and with each line of output. */
export type Show = (event: { run: Run } | { line: string }) => void

interface Options<S extends Step> {
  /** Path of its journal. */
  journal: string
  perform: Perform<S>
  sentences: Sentences<S>
  clock: Clock
  newId: () => string
  show: Show
  /** What is thrown when another process holds the journal. */
  held: (cause: unknown) => Failure
}

/** Opens the journal, for this process alone. */
export function openErrand<S extends Step>(options: Options<S>): Errand<S> {
  const { perform, clock, newId, show } = options
  const raw = openAlone(options.journal, options.held)
  const journal = sqliteJournal(raw)
  const engine = createEngine<S>({ journal, perform, clock, newId })
  const shown = views(options.sentences)
  const view = (run: string) => shown.run(journal.read(run)!)
  engine.on((event: EngineEvent) =>
    show(event.type === 'run' ? { run: view(event.run) } : { line: event.text }),
  )
  // A terminal that went away is no death of the step that was under way.
  const rest = () => engine.rest()
  process.on('exit', rest)
  return {
    unfinished: () => journal.unfinished()[0]?.id ?? null,
    async carryOut(plan, actor) {
      const run = plan === null ? engine.resume()[0]! : engine.start(plan, actor)
      await engine.ended(run)
      return view(run)
    },
    cancel: () => void journal.unfinished().map(({ id }) => engine.cancel(id)),
    close() {
      process.off('exit', rest)
      raw.close()
    },
  }
}

/** Opens the file for this process alone. The lock goes with the process, however it ends. */
function openAlone(path: string, held: (cause: unknown) => Failure): Store['raw'] {
  try {
    const { raw } = openStore(path)
    raw.exec('pragma locking_mode = exclusive; begin immediate; commit')
    return raw
  } catch (error) {
    const SQLITE_BUSY = 5
    if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error
    throw held(error)
  }
}
