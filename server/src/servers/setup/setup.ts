import { openStore, type Store } from '../../db/db.ts'
import { createEngine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import type { EngineEvent } from '../../engine/run.ts'
import { sqliteJournal } from '../../engine/sqlite-journal.ts'
import { views } from '../../engine/view.ts'
import type { PlanView, Run } from '../../engine/wire.ts'
import { Failure } from '../../kernel/failure.ts'
import { performSetup } from './perform.ts'
import { type SetupStep, setupSentences } from './step.ts'
import { keptIn } from './texts.ts'
import type { Tools } from './tools.ts'

/** The set-up of this machine, with the engine and a journal of its own: there is no keeper yet. */
export interface Setup {
  /** The run that an earlier set-up was cut in; null: there is none. */
  unfinished(): string | null
  /** Begins the plan, or goes on with the run that was cut. Resolves with the run when it has ended. */
  carryOut(plan: Plan<SetupStep> | null, actor: string): Promise<Run>
  /** Takes the run under way back. */
  cancel(): void
  close(): void
}

const VIEWS = views(setupSentences)

export const viewOf = (plan: Plan<SetupStep>): PlanView => VIEWS.plan(plan)

interface Options extends Tools {
  newId: () => string
  /** Called with the run after each change, and with each line of output. */
  show: (event: { run: Run } | { line: string }) => void
}

/** Opens the journal. Failure `setup.running`: another set-up of this machine is under way. */
export function openSetup({ newId, show, ...tools }: Options): Setup {
  const raw = openAlone(keptIn(tools.places).journal)
  const journal = sqliteJournal(raw)
  const engine = createEngine<SetupStep>({ journal, perform: performSetup(tools), clock: tools.clock, newId })
  const view = (run: string) => VIEWS.run(journal.read(run)!)
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
function openAlone(path: string): Store['raw'] {
  try {
    const { raw } = openStore(path)
    raw.exec('pragma locking_mode = exclusive; begin immediate; commit')
    return raw
  } catch (error) {
    const SQLITE_BUSY = 5
    if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error
    throw new Failure('setup.running', 'another set-up of this server is under way', {
      why: 'its journal is held by another process',
      fix: 'wait for it, then try again',
      cause: error,
    })
  }
}
