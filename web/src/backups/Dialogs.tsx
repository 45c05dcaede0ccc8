import type { Backups } from '../../../server/src/data/backups/wire.ts'
import { DrillDialog } from '../drills/DrillDialog.tsx'
import { pointsOf } from '../points/owner.ts'
import { AfterDialog } from '../restores/AfterDialog.tsx'
import { RestoreDialog } from '../restores/RestoreDialog.tsx'
import { BackupDialog } from './BackupDialog.tsx'

/** What a person asked for with a button. */
export type Asked =
  | { verb: 'backup' | 'verify'; app: string | null }
  | { verb: 'drill' | 'undo' | 'discard'; app: string }
  | { verb: 'restore'; app: string; point: string | null }

interface Props {
  asked: Asked
  apps: readonly string[]
  backups: Backups
  onClose: () => void
}

/** The dialog for each button: first the plan, then the run. */
export function Dialogs({ asked, apps, backups, onClose }: Props) {
  switch (asked.verb) {
    case 'backup':
    case 'verify':
      return <BackupDialog verb={asked.verb} only={asked.app} places={backups.places} onClose={onClose} />
    case 'drill':
      return <DrillDialog app={asked.app} points={pointsOf(asked.app, backups.points)} onClose={onClose} />
    case 'undo':
    case 'discard':
      return <AfterDialog app={asked.app} what={asked.verb} onClose={onClose} />
    case 'restore':
      return <RestoreDialog {...asked} apps={apps} backups={backups} onClose={onClose} />
  }
}
