import { Injectable } from '@nestjs/common'
import { PrismaService } from '../database/prisma.service.ts'
import { Pulse } from '../telegram/pulse.service.ts'
import { version } from '../version.ts'

const PATIENCE_MS = 1500

@Injectable()
export class HealthService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly pulse: Pulse,
  ) {}

  /** `unavailable` and `starting` take no requests; `degraded` does: the API works while the polling does not. */
  async read() {
    const [database, beat] = await Promise.all([this.#database(), inTime(this.pulse.read())])
    const telegram = beat ?? { status: 'unknown' as const, reason: 'the database does not answer', at: new Date() }
    return {
      status: database.status === 'down' ? 'unavailable' : this.#statusOf(telegram.status),
      timestamp: new Date().toISOString(),
      version,
      uptime: Math.round(process.uptime()),
      checks: { database, telegram: { status: telegram.status, reason: telegram.reason, at: telegram.at } },
    } as const
  }

  #statusOf(polling: string): 'ok' | 'starting' | 'degraded' {
    if (polling === 'polling' || polling === 'off') return 'ok'
    return this.pulse.pollsHere && polling === 'starting' ? 'starting' : 'degraded'
  }

  async #database() {
    const started = performance.now()
    const answered = await inTime(this.prisma.$queryRaw`select 1`.catch(() => undefined))
    const responseTime = Math.round((performance.now() - started) * 10) / 10
    return { status: answered ? ('ok' as const) : ('down' as const), responseTime }
  }
}

/** Undefined when it takes too long for whoever asks about health. */
function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  return Promise.race([work, new Promise<undefined>(resolve => setTimeout(resolve, PATIENCE_MS, undefined).unref())])
}
