/** A metric with its samples, before it is text. */
export interface Metric {
  name: string
  kind: 'counter' | 'gauge'
  help: string
  samples: ReadonlyArray<readonly [labels: Labels, value: number]>
}

/** A label whose value is null is left out. */
export type Labels = Readonly<Record<string, string | null>>

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

function labelled(labels: Labels): string {
  const parts = Object.entries(labels).flatMap(([name, value]) =>
    value === null ? [] : [`${name}="${escaped(value)}"`],
  )
  return parts.length === 0 ? '' : `{${parts.join(',')}}`
}

/** The text format of Prometheus, version 0.0.4. A metric without samples is left out. */
export const metricsText = (metrics: readonly Metric[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, kind, help, samples }) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${kind}`,
        ...samples.map(([labels, value]) => `${name}${labelled(labels)} ${value}`),
        '',
      ].join('\n'),
    )
    .join('')

export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
