import { createHealth, type Health, type Report } from '@innkeeper/sdk/health'
import { Injectable } from '@nestjs/common'
import { PrismaService } from '../database/prisma.service.ts'
import { Pulse } from '../telegram/pulse.service.ts'
import { version } from '../version.ts'

@Injectable()
export class HealthService {
  readonly #health: Health

  constructor(prisma: PrismaService, pulse: Pulse) {
    const polling = async () => {
      const { status: polling, ...more } = await pulse.read()
      return { status: polling === 'polling' || polling === 'off' ? 'ok' : 'degraded', polling, ...more }
    }
    this.#health = createHealth({
      version,
      // The API works while the polling does not.
      checks: { database: () => prisma.$queryRaw`select 1`, telegram: { ask: polling, needed: false } },
    })
  }

  read(): Promise<Report> {
    return this.#health.report()
  }
}
