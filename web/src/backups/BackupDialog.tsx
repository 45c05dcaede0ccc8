import { useState } from 'react'
import { type BackupPlace, BackupRequest, VerifyRequest } from '../../../server/src/data/backups/wire.ts'
import { PlanDialog } from '../changes/PlanDialog.tsx'
import { Select } from '../kit/Select.tsx'
import { KEEPER } from '../points/owner.ts'

interface Props {
  verb: 'backup' | 'verify'
  /** The app that it is about; null: the person chooses. */
  only: string | null
  places: readonly BackupPlace[]
  onClose: () => void
}

const EVERYWHERE = ''

/** The dialog for a backup now, or for verifying every stored byte. */
export function BackupDialog({ verb, only, places: all, onClose }: Props) {
  const owners = [...new Set(all.map(place => place.app))]
  const [chosen, setChosen] = useState(only ?? owners[0] ?? KEEPER)
  const places = all.filter(place => place.app === chosen).map(place => place.name)
  const [place, setPlace] = useState(EVERYWHERE)
  const [full, setFull] = useState(false)
  const app = chosen === KEEPER ? null : chosen
  const at = places.includes(place) ? { app, place } : { app }
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
      {only === null && owners.length > 1 && (
        <Select
          label="Of"
          value={chosen}
          onChange={setChosen}
          options={owners.map((name): [string, string] => [name, name])}
        />
      )}
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
