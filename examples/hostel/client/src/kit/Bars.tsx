interface Props {
  rows: { label: string; values: number[] }[]
  series: { name: string; className: string }[]
  format: (value: number) => string
}

const WIDTH = 1100
const HEIGHT = 260
const LEFT = 64
const BOTTOM = 24

export function Bars({ rows, series, format }: Props) {
  const top = niceTop(Math.max(1, ...rows.flatMap((row) => row.values)))
  const step = (WIDTH - LEFT) / Math.max(rows.length, 1)
  const width = (step * 0.72) / series.length
  const y = (value: number) => 8 + (HEIGHT - BOTTOM - 8) * (1 - value / top)
  return (
    <figure className="bars">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={series.map((s) => s.name).join(' and ')}>
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <g key={part} className="rule">
            <line x1={LEFT} x2={WIDTH} y1={y(top * part)} y2={y(top * part)} />
            <text x={LEFT - 8} y={y(top * part) + 4} textAnchor="end">{format(top * part)}</text>
          </g>
        ))}
        {rows.map((row, i) => (
          <g key={row.label} transform={`translate(${LEFT + i * step + step * 0.14} 0)`}>
            {row.values.map((value, j) => (
              <rect key={j} className={series[j]?.className} x={j * width} y={y(value)} width={width - 2} height={y(0) - y(value)} rx="2">
                <title>{`${row.label} · ${series[j]?.name} ${format(value)}`}</title>
              </rect>
            ))}
            <text x={step * 0.36} y={HEIGHT - 6} textAnchor="middle">{row.label}</text>
          </g>
        ))}
      </svg>
      <figcaption>
        {series.map(({ name, className }) => <span key={name} className={`key ${className}`}>{name}</span>)}
      </figcaption>
    </figure>
  )
}

/** The next number above that reads well on an axis. */
function niceTop(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest))
  return [1, 1.5, 2, 3, 4, 5, 8, 10].map((n) => n * power).find((n) => n >= highest) ?? highest
}
