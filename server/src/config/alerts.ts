import { z } from 'zod'
import { parseDuration } from '../kernel/durations.ts'
import { duration } from './fields.ts'

/** An alert of an app's own. */
export interface OwnAlert {
  name: string
  /** PromQL; `$app` stands for the app. */
  query: string
  /** Milliseconds. */
  for: number
  severity: 'warning' | 'critical'
  says: string | null
  /** Where it is told; null: where everything of that severity is. */
  channel: string | null
}

interface Signal {
  /** Unit → by what the number is multiplied. */
  units: Readonly<Record<string, number>>
  query: string
  /** What must hold besides where it is too much: one request of an app that is hardly visited is a large share. */
  enough?: string
}

const SHARE = { '%': 0.01 }
const TIME = { ms: 0.001, s: 1 }
const EDGE = 'http_requests_total{job="edge",app="$app"'
const quantile = (q: number): Signal => ({
  units: TIME,
  query: `histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket{job="edge",app="$app"}[5m])))`,
  enough: `sum(rate(${EDGE}}[5m])) > 0.05`,
})

/** What an alert in short may be about. */
const SIGNALS: Readonly<Record<string, Signal>> = {
  errors: {
    units: SHARE,
    query: `sum(rate(${EDGE},code="5xx"}[5m])) / sum(rate(${EDGE}}[5m]))`,
    enough: `sum(increase(${EDGE},code="5xx"}[5m])) > 2`,
  },
  requests: { units: { '/s': 1, '/m': 1 / 60 }, query: `sum(rate(${EDGE}}[5m]))` },
  sockets: { units: { '/m': 1 }, query: `sum(increase(${EDGE},code="1xx"}[5m])) / 5` },
  p50: quantile(0.5),
  p95: quantile(0.95),
  p99: quantile(0.99),
  cpu: { units: SHARE, query: '1 - avg(rate(node_cpu_seconds_total{job="node",mode="idle"}[5m]))' },
  memory: {
    units: SHARE,
    query: '1 - node_memory_MemAvailable_bytes{job="node"} / node_memory_MemTotal_bytes{job="node"}',
  },
  size: {
    units: { MB: 1024 ** 2, GB: 1024 ** 3 },
    query: 'sum(process_resident_memory_bytes{job="keeper",app="$app"})',
  },
  disk: {
    units: SHARE,
    query: '1 - node_filesystem_avail_bytes{job="node"} / node_filesystem_size_bytes{job="node"}',
  },
  connections: {
    units: SHARE,
    query:
      'sum(pg_stat_activity_count{job="postgres",app="$app"}) / max(pg_settings_max_connections{job="postgres",app="$app"})',
  },
}

const SHORT =
  /^([a-z0-9]+)\s*([<>])\s*(\d+(?:\.\d+)?)\s*(%|ms|s|\/s|\/m|MB|GB)(?:\s+for\s+([0-9a-z]+))?(?:\s*:\s*([a-z][\w-]*))?$/
const USUAL_MS = 300_000

/** Reads `memory > 85% for 5m: sms`; a text: what is wrong with it. */
export function shortAlert(text: string): OwnAlert | string {
  const [, name = '', sign = '', number = '', unit = '', lasting, channel] = SHORT.exec(text.trim()) ?? []
  if (name === '') return 'it wants a form as in memory > 85% for 5m: CHANNEL'
  const signal = SIGNALS[name]
  if (signal === undefined) return `${name} is none of ${Object.keys(SIGNALS).join(', ')}`
  const times = signal.units[unit]
  if (times === undefined) return `${name} is counted in ${Object.keys(signal.units).join(' or ')}`
  const ms = lasting === undefined ? USUAL_MS : parseDuration(lasting)
  if (ms === null) return `${lasting} is no duration`
  const limit = Number((Number(number) * times).toPrecision(12))
  const shown = `${number}${unit}`
  return {
    name: `${name[0]!.toUpperCase()}${name.slice(1)}${sign === '>' ? 'Over' : 'Under'}${shown.replaceAll(/[^\w]/g, letter => WORDS[letter] ?? '_')}`,
    query: `${signal.query} ${sign} ${limit}${sign === '>' && signal.enough ? ` and ${signal.enough}` : ''}`,
    for: ms,
    severity: 'warning',
    says: `${name} of $app is ${sign === '>' ? 'above' : 'below'} ${shown}`,
    channel: channel ?? null,
  }
}

const WORDS: Readonly<Record<string, string>> = { '%': 'Percent', '/': 'Per', '.': '_' }

const short = z.string().transform((text, context): OwnAlert => {
  const found = shortAlert(text)
  if (typeof found !== 'string') return found
  context.addIssue({ code: 'custom', message: found })
  return z.NEVER
})

const whole = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Z][A-Za-z0-9_]{0,59}$/, 'a name has letters and digits, and begins with a capital')
      .describe('By which it is known, e.g. QueueGrows'),
    query: z.string().min(1).max(2_000).describe('PromQL; it fires for each series that it answers with'),
    for: duration.default(USUAL_MS).describe('How long it must have an answer'),
    severity: z.enum(['warning', 'critical']).default('warning').describe('Of two'),
    says: z.string().max(300).optional().describe('What it means, in one sentence'),
    channel: z
      .string()
      .regex(/^[a-z][\w-]{0,59}$/, 'a channel has small letters, digits, _ and -')
      .optional()
      .describe('Where it is told; default: where everything of its severity is'),
  })
  .transform(
    ({ says, channel, ...rest }): OwnAlert => ({ ...rest, says: says ?? null, channel: channel ?? null }),
  )

/** `alerts:` of innkeeper.yaml. */
export const alerts = z.array(z.union([short, whole])).max(50)
