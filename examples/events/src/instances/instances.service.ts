import { Injectable } from '@nestjs/common'
import { type Caller, ownedBy } from '../accounts/caller.ts'
import { PrismaService } from '../database/prisma.service.ts'
import { OutboxService } from '../outbox/outbox.service.ts'

const MOST = 200

@Injectable()
export class InstancesService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly outbox: OutboxService,
  ) {}

  async list(caller: Caller, { seriesId, from, to }: { seriesId?: number; from?: Date; to?: Date }) {
    const rows = await this.prisma.instance.findMany({
      where: { series: ownedBy(caller), seriesId, startsAt: { gte: from ?? new Date(), lt: to } },
      include: { series: { select: { title: true } }, _count: { select: { entries: true } } },
      orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      take: MOST,
    })
    return rows.map(({ series, _count, ...instance }) => ({ ...instance, title: series.title, places: _count.entries }))
  }

  async one(caller: Caller, id: number) {
    const where = { id, series: ownedBy(caller) }
    const { series, ...instance } = await this.prisma.instance.findFirstOrThrow({ where, include: { series: true } })
    return { ...instance, title: series.title, timezone: series.timezone, minutes: series.minutes }
  }

  async cancel(caller: Caller, id: number) {
    await this.one(caller, id)
    await this.prisma.$transaction(async tx => {
      const { count } = await tx.instance.updateMany({
        where: { id, cancelledAt: null },
        data: { cancelledAt: new Date() },
      })
      if (count > 0) await this.outbox.refresh(tx, id)
    })
    return this.one(caller, id)
  }

  async log(caller: Caller, id: number) {
    await this.one(caller, id)
    const include = { user: { select: { name: true } } }
    const rows = await this.prisma.participationLog.findMany({
      where: { instanceId: id },
      include,
      orderBy: { id: 'desc' },
      take: MOST,
    })
    return rows.map(({ action, at, user }) => ({ at, name: user.name, action }))
  }
}
