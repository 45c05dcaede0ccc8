import { iso } from '../../kernel/moments.ts'
import type { Metric } from '../metrics/text.ts'
import type { Probing, Standing } from './probe.ts'
import type { ProbeView } from './wire.ts'

interface Seen {
  probing: Probing
  standing: Standing | null
}

export const viewOf = ({ probing, standing }: Seen): ProbeView => {
  const { app, name, instance, kind, shown, own, level, everyMs } = probing
  const last = standing?.last ?? null
  return {
    ...{ app, name, instance, kind, asks: shown, own, level, everyMs },
    state: standing?.state ?? 'waiting',
    since: standing === null ? null : iso(standing.since),
    failures: standing?.bad ?? 0,
    last:
      last === null
        ? null
        : {
            ...{ at: iso(last.at), ok: last.ok, ms: last.ms, said: last.said },
            certificateEnds: last.notAfter === undefined ? null : iso(last.notAfter),
          },
  }
}

/** What Prometheus gets of probes: their last results. */
export function probeMetrics(all: readonly Seen[]): Metric[] {
  const seen = all.flatMap(({ probing: { app, name, instance }, standing }) =>
    standing?.last ? [{ labels: { app, probe: name, instance }, last: standing.last }] : [],
  )
  return [
    {
      name: 'innkeeper_probe_success',
      kind: 'gauge',
      help: 'Whether the last answer to a probe was a good one.',
      samples: seen.map(({ labels, last }) => [labels, Number(last.ok)] as const),
    },
    {
      name: 'innkeeper_probe_duration_seconds',
      kind: 'gauge',
      help: 'How long it took.',
      samples: seen.map(({ labels, last }) => [labels, last.ms / 1000] as const),
    },
    {
      name: 'innkeeper_probe_certificate_not_after_timestamp_seconds',
      kind: 'gauge',
      help: 'When the certificate that it was shown ends.',
      samples: seen.flatMap(({ labels, last }) =>
        last.notAfter === undefined ? [] : [[labels, last.notAfter / 1000] as const],
      ),
    },
  ]
}
