import { Injectable } from '@nestjs/common'
import { Config } from '../config/config'
import { Database } from '../database/database'
import { LiveGateway } from '../live/live.gateway'
import { within } from '../patience/within'
import { RedisConnections } from '../redis/redis'

const PATIENCE_MS = 1500
const MB = 1024 * 1024

@Injectable()
export class Health {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly redis: RedisConnections,
    private readonly live: LiveGateway,
  ) {}

  async report() {
    const [database, redis] = await Promise.all([
      answers(() => this.database.$queryRaw`select 1`),
      answers(() => this.redis.impatient.ping()),
    ])
    const { heapUsed, rss } = process.memoryUsage()
    return {
      status: database.status === 'ok' && redis.status === 'ok' ? 'ok' : 'degraded',
      timestamp: new Date().toISOString(),
      version: this.config.version,
      uptime: Math.round(process.uptime()),
      checks: {
        database,
        redis,
        websocket: { status: 'ok', details: { connectedUsers: this.live.users, connections: this.live.connections } },
        memory: { status: 'ok', details: { heapUsedMB: Math.round(heapUsed / MB), rssMB: Math.round(rss / MB) } },
      },
    }
  }
}

/** A late answer is none: who asks for health does not wait. */
async function answers(ask: () => Promise<unknown>) {
  const started = performance.now()
  const answered = await within(PATIENCE_MS, ask()).then(
    () => true,
    () => false,
  )
  return { status: answered ? 'ok' : 'down', responseTime: Math.round((performance.now() - started) * 10) / 10 }
}
