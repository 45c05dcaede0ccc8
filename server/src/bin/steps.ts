import { backupPerformer } from '../backups/perform.ts'
import type { BackupPorts } from '../backups/ports.ts'
import { type BackupStep, backupSentences } from '../backups/step.ts'
import { deployPerformer } from '../deploys/perform.ts'
import type { DeployPorts } from '../deploys/ports.ts'
import { type DeployStep, sentences } from '../deploys/step.ts'
import type { Perform } from '../engine/engine.ts'
import { views } from '../engine/view.ts'
import { restorePerformer } from '../restores/perform.ts'
import type { RestorePorts } from '../restores/ports.ts'
import { type RestoreStep, restoreSentences } from '../restores/step.ts'

/** Everything that the engine can be asked to do on a server. */
export type ServerStep = DeployStep | BackupStep | RestoreStep

export const serverViews = views<ServerStep>({ ...sentences, ...backupSentences, ...restoreSentences })

interface ServerPorts {
  deploys: DeployPorts
  backups: BackupPorts
  restores: RestorePorts
}

export function serverPerformer(ports: ServerPorts): Perform<ServerStep> {
  const deploy = deployPerformer(ports.deploys)
  const backup = backupPerformer(ports.backups)
  const restore = restorePerformer(ports.restores)
  return (step, context) => {
    if (step.kind in backupSentences) return backup(step as BackupStep, context)
    if (step.kind in restoreSentences) return restore(step as RestoreStep, context)
    return deploy(step as DeployStep, context)
  }
}
