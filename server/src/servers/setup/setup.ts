import type { Plan } from '../../engine/plan.ts'
import { views } from '../../engine/view.ts'
import type { PlanView } from '../../engine/wire.ts'
import { Failure } from '../../kernel/failure.ts'
import { type Errand, openErrand, type Show } from '../errands/errand.ts'
import { performSetup } from './perform.ts'
import { type SetupStep, setupSentences } from './step.ts'
import { keptIn } from './texts.ts'
import type { Tools } from './tools.ts'

const VIEWS = views(setupSentences)

export const viewOf = (plan: Plan<SetupStep>): PlanView => VIEWS.plan(plan)

interface Options extends Tools {
  newId: () => string
  show: Show
}

/** Opens the set-up of this machine: there is no keeper yet. */
export const openSetup = ({ newId, show, ...tools }: Options): Errand<SetupStep> =>
  openErrand({
    journal: keptIn(tools.places).journal,
    perform: performSetup(tools),
    sentences: setupSentences,
    clock: tools.clock,
    newId,
    show,
    held: cause =>
      new Failure('setup.running', 'another set-up of this server is under way', {
        why: 'its journal is held by another process',
        fix: 'wait for it, then try again',
        cause,
      }),
  })
