import { Labelled } from './Labelled.tsx'

interface Props {
  label: string
  value: string
  /** Value and label of each option. */
  options: ReadonlyArray<readonly [string, string]>
  onChange: (value: string) => void
}

export function Select({ label, value, options, onChange }: Props) {
  return (
    <Labelled label={label}>
      {id => (
        <select id={id} className="field" value={value} onChange={event => onChange(event.target.value)}>
          {options.map(([key, says]) => (
            <option key={key} value={key}>
              {says}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  )
}
