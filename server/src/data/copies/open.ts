import type { Answer } from '../../api/begin.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Step } from '../../engine/plan.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Restores } from '../restores/restores.ts'
import { createCopies } from './copies.ts'
import { copyPerformer } from './perform.ts'
import type { CopiesPorts } from './ports.ts'
import { copyRoutes } from './routes.ts'
import type { CopyStep } from './step.ts'

export interface Needs {
  copyPorts: CopiesPorts
  restores: Restores
  engine: Engine<Step>
  answer: Answer
}

export function open({ copyPorts, restores, engine, answer }: Needs): OpenPart<CopyStep> {
  const copies = createCopies({ ports: copyPorts, engine, restores })
  return {
    perform: copyPerformer(copyPorts),
    timers: [{ name: 'copies', everyMs: 5_000, work: () => copies.tick() }],
    routes: app => copyRoutes(app, { copies, answer }),
  }
}
