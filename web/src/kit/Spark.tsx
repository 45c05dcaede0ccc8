interface Props {
  label: string
  values: readonly number[]
  /** Values that mean trouble: a red foot is drawn where one is above zero. */
  bad: readonly number[]
}

/** A small chart of the last minutes, without axes. */
export function Spark({ label, values, bad }: Props) {
  const width = Math.max(1, values.length - 1)
  const top = Math.max(...values, 1e-9)
  const y = (value: number) => 30 - (value / top) * 28
  const line = values.map((value, i) => `${i === 0 ? 'M' : 'L'}${i} ${y(value).toFixed(2)}`).join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} 32`}
      preserveAspectRatio="none"
      className="h-9 w-full overflow-visible"
    >
      <path d={`${line}L${width} 32L0 32Z`} className="fill-ink/8" />
      <path d={line} className="fill-none stroke-soft" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
      {bad.map((value, i) =>
        value > 0 ? (
          <path
            key={`at ${i}`}
            d={`M${i} 32V${32 - Math.max(5, (value / top) * 28)}`}
            className="stroke-bad"
            strokeWidth="3"
            vectorEffect="non-scaling-stroke"
          />
        ) : null,
      )}
    </svg>
  )
}
