import { Controller, Get, Res } from '@nestjs/common'
import type { Response } from 'express'
import { Open } from '../auth/guard'
import { Health } from './health'

@Open()
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  /** For people: always 200, and the truth in `status`. */
  @Get()
  report() {
    return this.health.report()
  }

  /** Is the process alive? Says nothing of what it needs. */
  @Get('live')
  live() {
    return { status: 'ok' }
  }

  /** Can a request that is sent here be answered? */
  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response) {
    const { status, version, checks } = await this.health.report()
    if (status !== 'ok') response.status(503)
    return { status: status === 'ok' ? 'ok' : 'unavailable', version, checks: { database: checks.database, redis: checks.redis } }
  }
}
