interface Props<T extends string> {
  title: string
  /** What it means that nothing is chosen. */
  otherwise: string
  options: readonly T[]
  chosen: readonly T[]
  onChange: (chosen: T[]) => void
}

/** Boxes to tick. */
export function Choices<T extends string>({ title, otherwise, options, chosen, onChange }: Props<T>) {
  if (options.length === 0) return null
  return (
    <fieldset className="grid gap-1.5">
      <legend className="mb-1 text-xs text-soft">
        {title} <span className="text-faint">({otherwise})</span>
      </legend>
      <div className="flex flex-wrap gap-x-4 gap-y-2">
        {options.map(option => (
          <label key={option} className="flex min-h-6 items-center gap-1.5">
            <input
              type="checkbox"
              checked={chosen.includes(option)}
              onChange={event =>
                onChange(event.target.checked ? [...chosen, option] : chosen.filter(one => one !== option))
              }
            />
            {option}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
