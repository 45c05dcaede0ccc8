import { Injectable } from '@nestjs/common'
import { PrismaService } from '../database/prisma.service.ts'
import type { Series } from '../generated/prisma/client.ts'
import { moments } from '../series/recurrence.ts'

const AHEAD_MS = 28 * 24 * 60 * 60 * 1000

/** Makes the instances of the coming four weeks. What is there already stays as it is, also when it was cancelled. */
@Injectable()
export class InstanceMaker {
  constructor(private readonly prisma: PrismaService) {}

  async makeAll(now: Date): Promise<number> {
    let made = 0
    for (const series of await this.prisma.series.findMany({ where: { endedAt: null } }))
      made += await this.makeFor(series, now)
    return made
  }

  async makeFor(series: Series, now: Date): Promise<number> {
    const data = moments(series, now, new Date(+now + AHEAD_MS)).map(startsAt => ({
      seriesId: series.id,
      startsAt,
      capacity: series.capacity,
    }))
    const { count } = await this.prisma.instance.createMany({ data, skipDuplicates: true })
    return count
  }
}
