import { exitOf, printJson, resultOf } from '../../cli/command.ts'
import { ending, tell } from '../../cli/follow.ts'
import { showPlan, type Terminal } from '../../cli/terminal.ts'
import { isEmpty, type Plan, type Step } from '../../engine/plan.ts'
import type { PlanView, Run } from '../../engine/wire.ts'
import { EXIT } from '../../kernel/exit.ts'
import type { Errand, Show } from './errand.ts'

export interface ErrandFlags {
  json?: boolean
  plan?: boolean
  yes?: boolean
}

/** What a command has to bring so that its plan is shown, asked about, carried out and told. */
export interface Errands<S extends Step> {
  terminal: Terminal
  actor: string
  /** What it is called when one was cut: 'an earlier set-up'. */
  earlier: string
  question: string
  /** Whether one was begun here before. */
  begun(): Promise<boolean>
  /** Looks, and says what is to be done now; no steps: nothing. */
  plan(): Promise<Plan<S>>
  view(plan: Plan<S>): PlanView
  open(show: Show): Errand<S>
  /** Called with each change of the run, after its steps were told. */
  beside?: (run: Run, told: Set<string>) => void
}

/** Goes on with what was cut, then does what is missing, and tells both. */
export async function carryOut<S extends Step>(errands: Errands<S>, flags: ErrandFlags): Promise<void> {
  const { terminal } = errands
  const started = performance.now()
  // What was cut goes on first: half of it done, the machine may look like one that is refused.
  const first = flags.plan || !(await errands.begun()) ? null : await goOn(errands, flags)
  const run =
    first !== null && first.outcome !== 'done' ? first : ((await anew(errands, flags, first)) ?? first)
  if (run === null) return
  process.exitCode = exitOf(run.outcome)
  if (flags.json) printJson(resultOf(run, performance.now() - started))
  else terminal.print(ending(run, terminal))
}

/** Goes on with the run that was cut; null: none was. */
const goOn = <S extends Step>(errands: Errands<S>, flags: ErrandFlags): Promise<Run | null> =>
  opened(errands, flags, async errand => {
    if (errand.unfinished() === null) return null
    if (!flags.json) errands.terminal.print(`${errands.earlier} was cut: it goes on`)
    return errand.carryOut(null, errands.actor)
  })

/** Does what is missing; null: nothing is, or nobody said yes. `first`: the run that it began with, which was agreed to. */
async function anew<S extends Step>(
  errands: Errands<S>,
  flags: ErrandFlags,
  first: Run | null,
): Promise<Run | null> {
  const { terminal, question } = errands
  const json = flags.json ?? false
  const plan = await errands.plan()
  const view = errands.view(plan)
  if (flags.plan || isEmpty(plan)) {
    if (first === null) shown(view, { json, terminal })
    return null
  }
  // Who agreed before has seen the steps, here or on a laptop; each is told when it is done.
  if (!json) terminal.print(showPlan(flags.yes ? { ...view, steps: [], cleanup: [] } : view, terminal))
  if (!flags.yes && first === null && !(await agreed(terminal, question))) return null
  return opened(errands, flags, errand => errand.carryOut(plan, errands.actor))
}

/** Works with the journal. Ctrl-C takes the run back; what runs goes on to the end of its step. */
async function opened<S extends Step, T>(
  { open, terminal, beside }: Errands<S>,
  flags: ErrandFlags,
  work: (errand: Errand<S>) => Promise<T>,
): Promise<T> {
  const told = new Set<string>()
  const show: Show = event => {
    if ('line' in event) return terminal.transient(`    ${event.line}`)
    tell(event.run, told, terminal)
    beside?.(event.run, told)
  }
  const errand = open(flags.json ? () => {} : show)
  const back = () => {
    terminal.note('taking it back …')
    errand.cancel()
  }
  process.on('SIGINT', back)
  try {
    return await work(errand)
  } finally {
    process.off('SIGINT', back)
    terminal.transient('')
    errand.close()
  }
}

/** Prints a plan, or that there is nothing to do. */
export function shown(view: PlanView, { json, terminal }: { json: boolean; terminal: Terminal }): void {
  const nothing = isEmpty(view)
  if (json) {
    printJson(nothing ? { outcome: 'done', steps: [] } : view)
    return
  }
  terminal.print(showPlan(view, terminal))
  if (nothing) terminal.print('nothing to do')
}

/** Whether a person says yes; without a person nothing is begun. */
export async function agreed(terminal: Terminal, question: string): Promise<boolean> {
  const answer = terminal.interactive ? await terminal.ask(`${question} [y/N] `) : ''
  if (/^y/i.test(answer)) return true
  terminal.note('nothing was changed; --yes begins without asking')
  process.exitCode = EXIT.failed
  return false
}
