import type { Answer } from '../../api/begin.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Backups } from './backups.ts'
import { backupPerformer } from './perform.ts'
import type { BackupsPorts } from './ports.ts'
import { backupRoutes } from './routes.ts'
import type { BackupStep } from './step.ts'

export interface Needs {
  backupPorts: BackupsPorts
  backups: Backups
  drills: { alarms(how: { soon: boolean }): Promise<Alarm[]> }
  answer: Answer
}

export const open = ({ backupPorts, backups, drills, answer }: Needs): OpenPart<BackupStep> => ({
  perform: backupPerformer(backupPorts),
  timers: [
    { name: 'heartbeat', everyMs: 5_000, work: () => backups.beat() },
    { name: 'backups', everyMs: 5_000, work: () => backups.tick() },
  ],
  alarms: () => backups.alarms(),
  routes: app => backupRoutes(app, { backups, drillAlarms: drills.alarms, answer }),
})
