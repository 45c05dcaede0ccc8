import type { Live } from '../live/live.ts'
import type { Histogram } from './histogram.ts'

interface Sources {
  live: Live
  durations: Histogram
  sockets: () => number
}

const DURATION = 'hostel_http_request_duration_seconds'

export async function metricsText({ live, durations, sockets }: Sources): Promise<string> {
  // A database that is down must not hide how the process itself does.
  const occupancy = await live.current().catch(() => undefined)
  return [
    ...gauge('hostel_capsules_occupied', 'Capsules with a guest in them.', occupancy?.occupied),
    ...gauge('hostel_capsules_total', 'Capsules in the house.', occupancy?.total),
    ...gauge('hostel_guests_checked_in', 'Guests who stay or wait for a capsule.', occupancy?.guests),
    ...gauge('hostel_uptime_seconds', 'How long this process has run.', process.uptime()),
    ...gauge('hostel_heap_used_bytes', 'JavaScript heap in use.', process.memoryUsage().heapUsed),
    ...gauge('hostel_websocket_connections', 'Open sockets on this instance.', sockets()),
    `# HELP ${DURATION} Time to answer a request.`,
    `# TYPE ${DURATION} histogram`,
    ...durations.print(DURATION),
    '',
  ].join('\n')
}

function gauge(name: string, help: string, value: number | undefined): string[] {
  return value === undefined ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${value}`]
}
