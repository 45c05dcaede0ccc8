import type { INestApplication } from '@nestjs/common'
import { IoAdapter } from '@nestjs/platform-socket.io'
import { createAdapter } from '@socket.io/redis-adapter'
import type { Server, ServerOptions } from 'socket.io'
import { RedisConnections } from '../redis/redis'

/** Socket.IO whose events reach the sockets of every instance, through Redis. */
export class LiveAdapter extends IoAdapter {
  private readonly adapter: ReturnType<typeof createAdapter>

  constructor(app: INestApplication) {
    super(app)
    const redis = app.get(RedisConnections)
    this.adapter = createAdapter(redis.patient(), redis.patient(), { key: 'motel:live' })
  }

  override createIOServer(port: number, options?: ServerOptions): Server {
    const server: Server = super.createIOServer(port, options)
    return server.adapter(this.adapter)
  }
}
