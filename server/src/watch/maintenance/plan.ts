import { appLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Window } from './rule.ts'
import type { MaintenanceStep } from './step.ts'

/** Plans the commands of a window. What one did is not taken back when another one fails: only its author knows how. */
export const planCommands = ({
  id,
  app,
  commands,
}: Pick<Window, 'id' | 'app' | 'commands'>): Plan<MaintenanceStep> => ({
  kind: 'maintenance',
  title: `maintenance of ${app}`,
  app,
  release: null,
  locks: [appLock(app)],
  steps: commands.map(command => ({
    does: { kind: 'maintenance.run', app, command, window: id },
    undo: null,
  })),
  cleanup: [],
  notices: [],
})
