import { type ReactNode, useId } from 'react'
import { Button } from '../kit/Button.tsx'
import { Select } from '../kit/Select.tsx'
import { capital, dateTime } from '../kit/words.ts'
import { backupSays, POINT_STATES, pointBy } from '../points/marks.ts'
import { type Choice, localField, type Offer, zone } from './choice.ts'
import { WhatFields } from './WhatFields.tsx'

interface Props {
  apps: readonly string[]
  choice: Choice
  offer: Offer
  busy: boolean
  onChange: (choice: Choice) => void
  onAsk: () => void
}

/** The form for what to restore and how. Then the keeper is asked for the plan. */
export function RestoreForm({ apps, choice, offer, busy, onChange, onAsk }: Props) {
  return (
    <form
      className="grid gap-4"
      onSubmit={event => {
        event.preventDefault()
        onAsk()
      }}
    >
      {apps.length > 1 && (
        <Select
          label="App"
          value={choice.app}
          onChange={app => onChange({ ...choice, app, what: 'app' })}
          options={apps.map(app => [app, app])}
        />
      )}
      <WhatFields choice={choice} offer={offer} onChange={onChange} />
      <Ways choice={choice} offer={offer} onChange={onChange} />
      {choice.way === 'moment' && <Moment choice={choice} offer={offer} onChange={onChange} />}
      {choice.way === 'point' && (
        <Select
          label="Restore point"
          value={choice.point}
          onChange={point => onChange({ ...choice, point })}
          options={offer.points.map(point => [
            point.name,
            `${dateTime(point.at)} · ${POINT_STATES[point.state]} · ${pointBy(point)}`,
          ])}
        />
      )}
      {choice.way === 'backup' && (
        <Select
          label="Backup, to its end"
          value={choice.backup}
          onChange={backup => onChange({ ...choice, backup })}
          options={offer.backups.map(backup => [backup.label, capital(backupSays(backup))])}
        />
      )}
      {choice.what === 'app' && (
        <label className="flex items-baseline gap-2">
          <input
            type="checkbox"
            checked={choice.migrate}
            onChange={event => onChange({ ...choice, migrate: event.target.checked })}
          />
          Run the release step on the restored data
        </label>
      )}
      <div>
        <Button type="submit" busy={busy} data-action="restore-plan">
          Show the plan
        </Button>
      </div>
    </form>
  )
}

type PartProps = Pick<Props, 'choice' | 'offer' | 'onChange'>

function Ways({ choice, offer, onChange }: PartProps): ReactNode {
  const ways = [
    { way: 'moment', label: 'a moment', there: offer.window !== null },
    { way: 'point', label: 'a restore point', there: offer.points.length > 0 },
    { way: 'backup', label: 'a backup', there: offer.backups.length > 0 },
  ] as const
  return (
    <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
      <legend className="mb-1 text-xs text-soft">Return to</legend>
      {ways.map(({ way, label, there }) => (
        <label key={way} className={`inline-flex items-center gap-2 ${there ? '' : 'text-faint'}`}>
          <input
            type="radio"
            name="way"
            disabled={!there}
            checked={choice.way === way}
            onChange={() => onChange({ ...choice, way })}
          />
          {label}
        </label>
      ))}
    </fieldset>
  )
}

function Moment({ choice, offer: { window }, onChange }: PartProps) {
  const id = useId()
  if (window === null) return null
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-xs text-soft">
        Moment, by the clock of {zone()}
      </label>
      <input
        id={id}
        type="datetime-local"
        step="1"
        required
        className="field sm:!w-64"
        min={localField(window.from + 999)}
        max={localField(window.to)}
        value={choice.moment}
        onChange={event => onChange({ ...choice, moment: event.target.value })}
        aria-describedby={`${id}-window`}
      />
      <p id={`${id}-window`} className="text-xs text-soft">
        From {dateTime(window.from)} until now
        {window.lost.map(({ from, to }) => `, but not from ${dateTime(from)} to ${dateTime(to)}`)}.
      </p>
    </div>
  )
}
