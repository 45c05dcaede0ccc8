import { useId } from 'react'

interface Props {
  label: string
  value: string
  /** Value and label of each option. */
  options: ReadonlyArray<readonly [string, string]>
  onChange: (value: string) => void
}

export function Select({ label, value, options, onChange }: Props) {
  const id = useId()
  return (
    <div className="grid min-w-0 gap-1">
      <label htmlFor={id} className="text-xs text-soft">
        {label}
      </label>
      <select id={id} className="field" value={value} onChange={event => onChange(event.target.value)}>
        {options.map(([key, says]) => (
          <option key={key} value={key}>
            {says}
          </option>
        ))}
      </select>
    </div>
  )
}
