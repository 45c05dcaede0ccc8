import { createMetrics, type Histogram, type Metrics } from '@innkeeper/sdk/metrics'
import type { Live } from '../live/live.ts'

/** What the house and this instance are like. `durations`: of requests, in seconds. */
export function metricsOf(live: Live, sockets: () => number): { metrics: Metrics; durations: Histogram } {
  const metrics = createMetrics({ prefix: 'hostel_' })
  const occupancy = async (name: 'occupied' | 'total' | 'guests') => (await live.current())[name]
  metrics.gauge('capsules_occupied', { help: 'Capsules with a guest in them.', read: () => occupancy('occupied') })
  metrics.gauge('capsules_total', { help: 'Capsules in the house.', read: () => occupancy('total') })
  metrics.gauge('guests_checked_in', { help: 'Guests who stay or wait for a capsule.', read: () => occupancy('guests') })
  metrics.gauge('websocket_connections', { help: 'Open sockets on this instance.', read: sockets })
  const durations = metrics.histogram('http_request_duration_seconds', { help: 'Time to answer a request.' })
  return { metrics, durations }
}
