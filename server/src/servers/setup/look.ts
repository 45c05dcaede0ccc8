import { sentence } from '../../engine/plan.ts'
import { describe } from '../../kernel/failure.ts'
import { askedBy } from './asked.ts'
import type { Facts, Kept, Places } from './facts.ts'
import type { Looking } from './machine.ts'
import { keptFrom, observe } from './observe.ts'
import { planSetup } from './plan.ts'
import { drifted, observeUpkeep, type Upkeep } from './report.ts'
import { setupSentences } from './step.ts'

/** What there is to say of a server. */
export interface Looked {
  facts: Facts
  /** What set-up wrote down of itself; null: it never ran to its end. */
  kept: Kept | null
  /** What is not as set-up left it, one sentence each. */
  drift: readonly string[]
  upkeep: Upkeep
}

/** Looks at a machine and changes nothing. `packages`: Debian packages that Innkeeper calls. */
export async function look(
  at: Looking,
  { packages, ...here }: Places & { packages: readonly string[] },
): Promise<Looked> {
  const facts = await observe(at, here)
  const kept = keptFrom(facts, here)
  const places = { ...here, project: kept?.project ?? here.project }
  const upkeep = await observeUpkeep(at)
  const drift = kept === null ? [] : drifted(facts, kept, wouldDo(facts, { places, packages }))
  return { facts, kept, drift, upkeep }
}

/** What a set-up would do beside what the drift says already. */
function wouldDo(facts: Facts, tools: Parameters<typeof askedBy>[0]): string[] {
  try {
    return planSetup(facts, askedBy(tools, facts, {}))
      .steps.map(({ does }) => does)
      .filter(({ kind }) => kind !== 'setup.file' && kind !== 'setup.swap')
      .map(step => sentence(setupSentences, step))
  } catch (error) {
    return [describe(error).what]
  }
}
