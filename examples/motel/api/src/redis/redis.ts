import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common'
import { Redis, type RedisOptions } from 'ioredis'
import { Config } from '../config/config'

/** As long as Redis is away it is tried again every second, by all that talk to it. */
export const retryStrategy = (tries: number) => Math.min(tries * 100, 1000)

/** Connections to Redis, for those who can wait until it is back and for those who cannot. */
@Injectable()
export class RedisConnections implements OnApplicationShutdown {
  private readonly logger = new Logger('Redis')
  private readonly opened: Redis[] = []
  private away = false
  /** For questions that are worth nothing when they are answered late. */
  readonly impatient: Redis

  constructor(private readonly config: Config) {
    this.impatient = this.open({ maxRetriesPerRequest: 1 })
  }

  /** Commands wait until it is back: a rejected one in the socket adapter would end the process. */
  patient(): Redis {
    return this.open({ maxRetriesPerRequest: null })
  }

  /** After the sockets are closed, which say good-bye through these. */
  async onApplicationShutdown() {
    for (const redis of this.opened) await redis.quit().catch(() => redis.disconnect())
  }

  private open(options: RedisOptions): Redis {
    const redis = new Redis(this.config.redisUrl, { ...options, retryStrategy })
    redis.on('error', (error: Error) => this.note(true, `Redis is away: ${error.message}`))
    redis.on('ready', () => this.note(false, 'Redis is back'))
    this.opened.push(redis)
    return redis
  }

  /** Once for each change, not once for each try of each connection. */
  private note(away: boolean, text: string) {
    if (away !== this.away) this.logger[away ? 'error' : 'log'](text)
    this.away = away
  }
}
