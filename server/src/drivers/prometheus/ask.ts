import { Failure } from '../../kernel/failure.ts'
import type { Found, Range } from '../../watch/metrics/ports.ts'
import { request } from '../host/http.ts'

interface Answer {
  status: 'success' | 'error'
  error?: string
  data?: {
    result: ReadonlyArray<{ metric: Record<string, string>; values: ReadonlyArray<[number, string]> }>
  }
}

const MOST_BYTES = 8 * 1024 * 1024

/** Asks Prometheus for a query over a time. */
export async function ask(
  port: number,
  { query, from, to, stepMs, timeoutMs = 15_000 }: Range,
): Promise<Found[]> {
  const asked = new URLSearchParams({
    query,
    start: String(from / 1000),
    end: String(to / 1000),
    step: String(stepMs / 1000),
  })
  const wanted = {
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/api/v1/query_range',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: String(asked),
    timeoutMs,
    maxBytes: MOST_BYTES,
  }
  const answer = await request(wanted).catch((error: Error) => {
    throw down(error.message, error)
  })
  if (answer.body.length >= MOST_BYTES) throw refused('its answer is larger than 8 MB')
  const said = parsed(answer.body)
  if (said === null) throw down(`it answered ${answer.status}`)
  if (said.status === 'error') throw refused(said.error ?? 'it does not say why')
  return (said.data?.result ?? []).map(({ metric, values }) => ({
    labels: metric,
    points: values.map(([at, value]) => [Math.round(at * 1000), finite(value)] as const),
  }))
}

const finite = (text: string): number | null => (Number.isFinite(Number(text)) ? Number(text) : null)

function parsed(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer
  } catch {
    return null
  }
}

const refused = (why: string): Failure =>
  new Failure('metrics.query', 'Prometheus refused the query', {
    why,
    fix: 'correct it: https://prometheus.io/docs/prometheus/latest/querying/basics/',
  })

const down = (why: string, cause?: unknown): Failure =>
  new Failure('metrics.down', 'Prometheus does not answer', { why, fix: '`inn logs prometheus`', cause })
