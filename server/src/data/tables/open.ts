import type { Answer } from '../../api/begin.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Restores } from '../restores/restores.ts'
import { tablePerformer } from './perform.ts'
import type { TablesPorts } from './ports.ts'
import { tableRoutes } from './routes.ts'
import type { TableStep } from './step.ts'
import { createTables } from './tables.ts'

export interface Needs {
  tablePorts: TablesPorts
  restores: Restores
  answer: Answer
}

export function open({ tablePorts, restores, answer }: Needs): OpenPart<TableStep> {
  const tables = createTables({ ports: tablePorts, restores })
  return {
    perform: tablePerformer(tablePorts),
    timers: [{ name: 'tables', everyMs: 60_000, work: () => tables.tick() }],
    routes: app => tableRoutes(app, { tables, answer }),
  }
}
