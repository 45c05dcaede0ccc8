import { exitOf, printJson, resultOf } from '../../cli/command.ts'
import { ending, tell } from '../../cli/follow.ts'
import { showPlan, type Terminal } from '../../cli/terminal.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Run } from '../../engine/wire.ts'
import { EXIT } from '../../kernel/exit.ts'
import { unmarked } from '../../kernel/words.ts'
import { CONFIRM_SECONDS, type Flags, type SetupTools } from './cli-tools.ts'
import type { Facts, Places, Wishes } from './facts.ts'
import type { Looking } from './machine.ts'
import { keptFrom, observe } from './observe.ts'
import { confirmFirewall } from './perform-firewall.ts'
import { type Asked, isEmpty, planSetup } from './plan.ts'
import { openSetup, type Setup, viewOf } from './setup.ts'
import type { SetupStep } from './step.ts'
import { keptIn } from './texts.ts'

/** What is asked for: what was asked for before, and what this command adds. */
function wishesOf(facts: Facts, places: Places, { hardenSsh, open }: Flags): Wishes {
  const before = keptFrom(facts, places)?.wishes ?? { hardenSsh: false, open: [] }
  return { hardenSsh: hardenSsh ?? before.hardenSsh, open: open ?? before.open }
}

/** inn server setup --confirm */
export async function confirm({ here, terminal }: SetupTools, { json = false }: Flags): Promise<void> {
  await confirmFirewall(here)
  if (json) printJson({ confirmed: true })
  else terminal.print('the firewall stays')
}

/** inn server setup --local */
export async function local(tools: SetupTools, flags: Flags): Promise<void> {
  const { here, places, terminal } = tools
  const json = flags.json ?? false
  const started = performance.now()
  // What was cut goes on first: half of it done, the machine may look like one that is refused.
  const first = flags.plan || !(await begun(here, places)) ? null : await goOn(tools, flags)
  const run =
    first !== null && first.outcome !== 'done' ? first : ((await anew(tools, flags, first)) ?? first)
  if (run === null) return
  process.exitCode = exitOf(run.outcome)
  if (json) printJson(resultOf(run, performance.now() - started))
  else terminal.print(ending(run, terminal))
}

/** Whether a set-up was begun on this machine before. */
export const begun = async (at: Looking, places: Places): Promise<boolean> =>
  (await at.exec(['test', '-e', keptIn(places).journal])).code === 0

/** Goes on with the run that was cut; null: none was. */
const goOn = (tools: SetupTools, flags: Flags): Promise<Run | null> =>
  opened(tools, flags, async setup => {
    if (setup.unfinished() === null) return null
    if (!flags.json) tools.terminal.print('an earlier set-up was cut: it goes on')
    return setup.carryOut(null, tools.actor)
  })

/** Does what is missing; null: nothing is, or nobody said yes. `first`: the run that it began with, which was agreed to. */
async function anew(tools: SetupTools, flags: Flags, first: Run | null): Promise<Run | null> {
  const { here, places, terminal } = tools
  const json = flags.json ?? false
  const facts = await observe(here, places)
  const plan = planSetup(facts, askedBy(tools, facts, flags))
  if (flags.plan || isEmpty(plan)) {
    if (first === null) shown(plan, { json, terminal })
    return null
  }
  const view = viewOf(plan)
  // Who agreed before has seen the steps, here or on a laptop; each is told when it is done.
  if (!json) terminal.print(showPlan(flags.yes ? { ...view, steps: [], cleanup: [] } : view, terminal))
  if (!flags.yes && first === null && !(await agreed(terminal))) return null
  return opened(tools, flags, setup => setup.carryOut(plan, tools.actor))
}

/** Works with the journal. Ctrl-C takes the run back; what runs goes on to the end of its step. */
async function opened<T>(tools: SetupTools, flags: Flags, work: (setup: Setup) => Promise<T>): Promise<T> {
  const { here, places, clock, newId, terminal } = tools
  const told = new Set<string>()
  const setup = openSetup({
    ...{ machine: here, places, clock, newId },
    show: event => (flags.json ? undefined : shows(event, told, { terminal, waits: !flags.keepFirewall })),
  })
  const back = () => {
    terminal.note('taking it back …')
    setup.cancel()
  }
  process.on('SIGINT', back)
  try {
    return await work(setup)
  } finally {
    process.off('SIGINT', back)
    terminal.transient('')
    setup.close()
  }
}

export const askedBy = (
  { places, packages }: Pick<SetupTools, 'places' | 'packages'>,
  facts: Facts,
  flags: Flags,
): Asked => ({
  wishes: wishesOf(facts, places, flags),
  places,
  packages,
  seconds: flags.keepFirewall ? null : CONFIRM_SECONDS,
})

/** Prints a plan, or that there is nothing to do. */
export function shown(
  plan: Plan<SetupStep>,
  { json, terminal }: { json: boolean; terminal: Terminal },
): void {
  if (json) {
    printJson(isEmpty(plan) ? { outcome: 'done', steps: [] } : viewOf(plan))
    return
  }
  terminal.print(showPlan(viewOf(plan), terminal))
  if (isEmpty(plan)) terminal.print('nothing to do')
}

/** Whether a person says yes; without a person nothing is begun. */
export async function agreed(terminal: Terminal): Promise<boolean> {
  const answer = terminal.interactive ? await terminal.ask('set it up like this? [y/N] ') : ''
  if (/^y/i.test(answer)) return true
  terminal.note('nothing was changed; --yes begins without asking')
  process.exitCode = EXIT.failed
  return false
}

/** `waits`: whether the firewall does, for somebody who confirms it. */
function shows(
  event: { run: Run } | { line: string },
  told: Set<string>,
  { terminal, waits }: { terminal: Terminal; waits: boolean },
): void {
  if ('line' in event) {
    terminal.transient(`    ${event.line}`)
    return
  }
  tell(event.run, told, terminal)
  const live = event.run.steps.some(step => step.kind === 'setup.firewall' && step.state === 'running')
  if (!waits || !live || told.has('waits')) return
  told.add('waits')
  const how = '`inn server setup --confirm`'
  terminal.print(
    unmarked(`  the firewall goes live. By a new ssh connection, within ${CONFIRM_SECONDS} s: ${how}`),
  )
}
