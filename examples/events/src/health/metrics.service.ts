import { Injectable } from '@nestjs/common'
import { PrismaService } from '../database/prisma.service.ts'
import { Pulse } from '../telegram/pulse.service.ts'

interface Metric {
  name: string
  help: string
  value: number
}

@Injectable()
export class MetricsService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly pulse: Pulse,
  ) {}

  async read(): Promise<Metric[]> {
    const [counts, beat] = await Promise.all([this.#counts(), this.pulse.read()])
    return [
      { name: 'events_uptime_seconds', help: 'Since the start of this process', value: Math.round(process.uptime()) },
      { name: 'events_memory_resident_bytes', help: 'Memory of this process', value: process.memoryUsage.rss() },
      { name: 'events_bot_polling', help: '1 while the bot hears Telegram', value: beat.status === 'polling' ? 1 : 0 },
      ...counts,
    ]
  }

  async #counts(): Promise<Metric[]> {
    const { prisma } = this
    const now = new Date()
    const [series, upcoming, waiting, failed] = await Promise.all([
      prisma.series.count({ where: { endedAt: null } }),
      prisma.instance.count({ where: { startsAt: { gt: now }, cancelledAt: null } }),
      prisma.outboxMessage.count({ where: { state: 'WAITING' } }),
      prisma.outboxMessage.count({ where: { state: 'FAILED' } }),
    ])
    return [
      { name: 'events_series', help: 'Series that go on', value: series },
      { name: 'events_instances_upcoming', help: 'Instances to come', value: upcoming },
      { name: 'events_outbox_waiting', help: 'Messages not sent yet', value: waiting },
      { name: 'events_outbox_failed', help: 'Messages given up', value: failed },
    ]
  }
}
