import type { Colour } from '../../../server/src/apps/app/wire.ts'
import { ColourMark } from '../kit/Badge.tsx'
import type { Choice, Verb } from './verbs.ts'

interface Props {
  verb: Verb
  choice: Choice
  onChange: (choice: Choice) => void
}

/** The fields in which a person chooses something before the plan is made. */
export function Choose({ verb, choice, onChange }: Props) {
  if (verb === 'switch') return <ChooseColour choice={choice} onChange={onChange} />
  if (verb === 'scale') return <ChooseInstances choice={choice} onChange={onChange} />
  return null
}

const COLOURS: Colour[] = ['blue', 'green']

function ChooseColour({ choice, onChange }: Omit<Props, 'verb'>) {
  return (
    <fieldset className="flex flex-wrap items-center gap-x-5 gap-y-2">
      <legend className="float-left mr-5 text-soft">Traffic goes to</legend>
      {COLOURS.map(colour => (
        <label key={colour} className="inline-flex items-center gap-2">
          <input
            type="radio"
            name="colour"
            checked={choice.colour === colour}
            onChange={() => onChange({ ...choice, colour })}
          />
          <ColourMark colour={colour} />
        </label>
      ))}
    </fieldset>
  )
}

const MOST = 64

function ChooseInstances({ choice, onChange }: Omit<Props, 'verb'>) {
  const set = (service: string, typed: string) => {
    const n = Math.min(MOST, Math.max(0, Math.round(Number(typed))))
    onChange({ ...choice, instances: { ...choice.instances, [service]: Number.isFinite(n) ? n : 0 } })
  }
  return (
    <fieldset className="flex flex-wrap gap-4">
      <legend className="mb-1 text-soft">Instances</legend>
      {Object.entries(choice.instances).map(([service, n]) => (
        <label key={service} className="inline-flex items-center gap-2">
          {service}
          <input
            type="number"
            min={0}
            max={MOST}
            value={n}
            onChange={event => set(service, event.target.value)}
            className="field !w-20"
          />
        </label>
      ))}
    </fieldset>
  )
}
