import { createHealth, type Health as Kept, type Report } from '@innkeeper/sdk/health'
import { Injectable } from '@nestjs/common'
import { Config } from '../config/config'
import { Database } from '../database/database'
import { LiveGateway } from '../live/live.gateway'
import { RedisConnections } from '../redis/redis'

const MB = 1024 * 1024

@Injectable()
export class Health {
  readonly #health: Kept

  constructor({ version }: Config, database: Database, redis: RedisConnections, live: LiveGateway) {
    this.#health = createHealth({
      version,
      checks: {
        database: () => database.$queryRaw`select 1`,
        redis: () => redis.impatient.ping(),
        websocket: () => ({ status: 'ok', details: { connectedUsers: live.users, connections: live.connections } }),
        memory: () => ({ status: 'ok', details: memory() }),
      },
    })
  }

  report(): Promise<Report> {
    return this.#health.report()
  }
}

function memory() {
  const { heapUsed, rss } = process.memoryUsage()
  return { heapUsedMB: Math.round(heapUsed / MB), rssMB: Math.round(rss / MB) }
}
