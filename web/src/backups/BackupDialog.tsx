import { useState } from 'react'
import { BackupRequest, VerifyRequest } from '../../../server/src/data/backups/wire.ts'
import { PlanDialog } from '../changes/PlanDialog.tsx'
import { Select } from '../kit/Select.tsx'

interface Props {
  verb: 'backup' | 'verify'
  places: readonly string[]
  onClose: () => void
}

const EVERYWHERE = ''

/** The dialog for a backup now, or for verifying every stored byte. */
export function BackupDialog({ verb, places, onClose }: Props) {
  const [place, setPlace] = useState(EVERYWHERE)
  const [full, setFull] = useState(false)
  const at = place === EVERYWHERE ? {} : { place }
  const backup = verb === 'backup'
  return (
    <PlanDialog
      title={backup ? 'Back up now' : 'Verify the backups'}
      verb={verb}
      confirm={backup ? 'Back up' : 'Verify'}
      wanted={
        backup
          ? { path: '/api/backups', request: BackupRequest.parse({ full, ...at }) }
          : { path: '/api/backups/verify', request: VerifyRequest.parse(at) }
      }
      onClose={onClose}
    >
      {places.length > 1 && (
        <Select
          label="Place"
          value={place}
          onChange={setPlace}
          options={[[EVERYWHERE, 'all places'], ...places.map((name): [string, string] => [name, name])]}
        />
      )}
      {backup ? (
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={full} onChange={event => setFull(event.target.checked)} />a full
          backup, whatever is due
        </label>
      ) : (
        <p className="text-soft">Every stored byte is read and compared. Nothing is written or deleted.</p>
      )}
    </PlanDialog>
  )
}
