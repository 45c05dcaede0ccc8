import type { Sentences } from '../../engine/plan.ts'

/** A command of a maintenance, in the release that serves. */
export type MaintenanceStep = { kind: 'maintenance.run'; app: string; command: string; window: number }

export const sentences: Sentences<MaintenanceStep> = {
  'maintenance.run': step => `run ${step.command}`,
}
