import { Injectable } from '@nestjs/common'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { LiveGateway } from '../live/live.gateway'
import { Business, type Counts } from './counts'

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

@Injectable()
export class Metrics {
  readonly registry = new Registry()
  private readonly requests = new Histogram({
    name: 'motel_http_request_duration_seconds',
    help: 'Time until the answer was sent',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  })

  constructor(
    private readonly live: LiveGateway,
    private readonly business: Business,
  ) {
    this.gauge('motel_uptime_seconds', 'Seconds since this instance started', () => process.uptime())
    this.gauge('motel_memory_heap_used_bytes', 'Used heap', () => process.memoryUsage().heapUsed)
    this.gauge('motel_websocket_connections', 'Sockets of this instance', () => live.connections)
    this.gauge('motel_websocket_users', 'People with a socket on this instance', () => live.users)
    this.disconnects()
    this.counted('motel_suites_total', 'Suites', counts => counts.suites.total)
    this.counted('motel_tasks_total', 'Tasks, of any status', counts => counts.tasks.total)
    this.counted('motel_tasks_pending', 'Tasks that nobody has begun', counts => counts.tasks.pending)
    this.counted('motel_tasks_in_progress', 'Tasks in progress', counts => counts.tasks.inProgress)
  }

  observe(labels: { method: string; route: string; status: number }, seconds: number) {
    this.requests.observe(labels, seconds)
  }

  async json() {
    const { rss, heapTotal, heapUsed } = process.memoryUsage()
    return {
      timestamp: new Date().toISOString(),
      uptime: Math.round(process.uptime()),
      memory: { rss, heapTotal, heapUsed },
      websocket: { connections: this.live.connections, users: this.live.users, disconnects: this.live.disconnects },
      ...(await this.business.counts()),
    }
  }

  private gauge(name: string, help: string, read: () => number) {
    new Gauge({ name, help, registers: [this.registry], collect() { this.set(read()) } })
  }

  private disconnects() {
    const { live, registry } = this
    new Counter({
      name: 'motel_websocket_disconnects_total',
      help: 'Sockets that have gone since this instance started',
      registers: [registry],
      collect() {
        this.reset()
        this.inc(live.disconnects)
      },
    })
  }

  /** While the database is away there is no number, and no number is better than the last one or 0. */
  private counted(name: string, help: string, read: (counts: Counts) => number) {
    const { business, registry } = this
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const counts = await business.counts().catch(() => null)
        if (counts) this.set(read(counts))
        else this.remove()
      },
    })
  }
}
