import { resolve } from 'node:path'
import type { Terminal } from '../../cli/terminal.ts'
import { views } from '../../engine/view.ts'
import { Failure } from '../../kernel/failure.ts'
import { carryOut, type ErrandFlags } from '../errands/cli-errand.ts'
import { openErrand } from '../errands/errand.ts'
import { observe } from './observe.ts'
import { performUpgrade } from './perform.ts'
import { planUpgrade } from './plan.ts'
import type { UpgradePorts } from './ports.ts'
import { type UpgradeStep, upgradeSentences } from './step.ts'

/** What the command gets of the machine that it is typed on. */
export interface UpgradeTools {
  terminal: Terminal
  newId: () => string
  actor: string
  ports: UpgradePorts
}

const VIEWS = views(upgradeSentences)

/** inn upgrade */
export async function upgrade(
  { terminal, actor, newId, ports }: UpgradeTools,
  { from, ...flags }: ErrandFlags & { from: string },
): Promise<void> {
  const { machine, home, clock } = ports
  const journal = `${home}/upgrade/journal.db`
  await carryOut<UpgradeStep>(
    {
      ...{ terminal, actor, earlier: 'an earlier upgrade', question: 'upgrade like this?' },
      begun: async () => (await machine.exec(['test', '-e', journal])).code === 0,
      plan: async () => planUpgrade(await observe(ports, resolve(from))),
      view: plan => VIEWS.plan(plan),
      open: show =>
        openErrand({
          ...{ journal, clock, newId, show },
          perform: performUpgrade(ports),
          sentences: upgradeSentences,
          held: cause =>
            new Failure('upgrade.running', 'another upgrade of this home is under way', {
              why: 'its journal is held by another process',
              fix: 'wait for it, then try again',
              cause,
            }),
        }),
    },
    flags,
  )
}
