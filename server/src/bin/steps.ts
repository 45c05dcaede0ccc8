import { deployPerformer } from '../apps/deploys/perform.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import { type DeployStep, sentences } from '../apps/deploys/step.ts'
import { backupPerformer } from '../data/backups/perform.ts'
import type { BackupPorts } from '../data/backups/ports.ts'
import { type BackupStep, backupSentences } from '../data/backups/step.ts'
import { copyPerformer } from '../data/copies/perform.ts'
import type { CopyPorts } from '../data/copies/ports.ts'
import { type CopyStep, copySentences } from '../data/copies/step.ts'
import { drillPerformer } from '../data/drills/perform.ts'
import type { DrillPorts } from '../data/drills/ports.ts'
import { type DrillStep, drillSentences } from '../data/drills/step.ts'
import { type RecoveryPorts, recoveryPerformer } from '../data/recovery/perform.ts'
import { type RecoveryStep, recoverySentences } from '../data/recovery/step.ts'
import { restorePerformer } from '../data/restores/perform.ts'
import type { RestorePorts } from '../data/restores/ports.ts'
import { type RestoreStep, restoreSentences } from '../data/restores/step.ts'
import { tablePerformer } from '../data/tables/perform.ts'
import type { TablePorts } from '../data/tables/ports.ts'
import { type TableStep, tableSentences } from '../data/tables/step.ts'
import type { Perform } from '../engine/engine.ts'
import { views } from '../engine/view.ts'

/** Everything that the engine can be asked to do on a server. */
export type ServerStep =
  | DeployStep
  | BackupStep
  | RestoreStep
  | CopyStep
  | TableStep
  | RecoveryStep
  | DrillStep

export const serverViews = views<ServerStep>({
  ...sentences,
  ...backupSentences,
  ...restoreSentences,
  ...copySentences,
  ...tableSentences,
  ...recoverySentences,
  ...drillSentences,
})

interface ServerPorts {
  deploys: DeployPorts
  backups: BackupPorts
  restores: RestorePorts
  copies: CopyPorts
  tables: TablePorts
  recovery: RecoveryPorts
  drills: DrillPorts
}

export function serverPerformer(ports: ServerPorts): Perform<ServerStep> {
  const deploy = deployPerformer(ports.deploys)
  const backup = backupPerformer(ports.backups)
  const restore = restorePerformer(ports.restores)
  const copy = copyPerformer(ports.copies)
  const table = tablePerformer(ports.tables)
  const recovery = recoveryPerformer(ports.recovery)
  const drill = drillPerformer(ports.drills)
  return (step, context) => {
    if (step.kind in backupSentences) return backup(step as BackupStep, context)
    if (step.kind in restoreSentences) return restore(step as RestoreStep, context)
    if (step.kind in copySentences) return copy(step as CopyStep, context)
    if (step.kind in tableSentences) return table(step as TableStep, context)
    if (step.kind in drillSentences) return drill(step as DrillStep, context)
    if (step.kind in recoverySentences) return recovery(step as RecoveryStep, context)
    return deploy(step as DeployStep, context)
  }
}
