import { printJson } from '../../cli/command.ts'
import type { Terminal } from '../../cli/terminal.ts'
import type { Run } from '../../engine/wire.ts'
import { unmarked } from '../../kernel/words.ts'
import { carryOut } from '../errands/cli-errand.ts'
import { askedBy } from './asked.ts'
import { CONFIRM_SECONDS, type Flags, type SetupTools } from './cli-tools.ts'
import type { Places } from './facts.ts'
import type { Looking } from './machine.ts'
import { observe } from './observe.ts'
import { confirmFirewall } from './perform-firewall.ts'
import { planSetup } from './plan.ts'
import { openSetup, viewOf } from './setup.ts'
import type { SetupStep } from './step.ts'
import { keptIn } from './texts.ts'

export const QUESTION = 'set it up like this?'

/** inn server setup --confirm */
export async function confirm({ here, terminal }: SetupTools, { json = false }: Flags): Promise<void> {
  await confirmFirewall(here)
  if (json) printJson({ confirmed: true })
  else terminal.print('the firewall stays')
}

/** inn server setup --local */
export async function local(tools: SetupTools, flags: Flags): Promise<void> {
  const { here, places, clock, newId, terminal, actor } = tools
  await carryOut<SetupStep>(
    {
      ...{ terminal, actor, earlier: 'an earlier set-up', question: QUESTION },
      begun: () => begun(here, places),
      async plan() {
        const facts = await observe(here, places)
        return planSetup(facts, askedBy(tools, facts, flags))
      },
      view: viewOf,
      open: show => openSetup({ machine: here, places, clock, newId, show }),
      beside: (run, told) => (flags.keepFirewall ? undefined : waiting(run, told, terminal)),
    },
    flags,
  )
}

/** Whether a set-up was begun on this machine before. */
export const begun = async (at: Looking, places: Places): Promise<boolean> =>
  (await at.exec(['test', '-e', keptIn(places).journal])).code === 0

/** Says once that the firewall waits for somebody who confirms it. */
function waiting(run: Run, told: Set<string>, terminal: Terminal): void {
  const live = run.steps.some(step => step.kind === 'setup.firewall' && step.state === 'running')
  if (!live || told.has('waits')) return
  told.add('waits')
  const how = '`inn server setup --confirm`'
  terminal.print(
    unmarked(`  the firewall goes live. By a new ssh connection, within ${CONFIRM_SECONDS} s: ${how}`),
  )
}
