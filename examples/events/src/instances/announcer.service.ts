import { Injectable } from '@nestjs/common'
import { Config } from '../config.ts'
import { PrismaService } from '../database/prisma.service.ts'

const AHEAD_MS = 48 * 60 * 60 * 1000

@Injectable()
export class Announcer {
  constructor(
    private readonly config: Config,
    private readonly prisma: PrismaService,
  ) {}

  /** One statement marks and queues, so that each instance is announced once, however many processes ask at a time. */
  async announceDue(now: Date): Promise<number> {
    // Without a bot nothing would be sent, and all of it at once on the day when there is one.
    if (!this.config.botToken) return 0
    const until = new Date(+now + AHEAD_MS)
    return this.prisma.$executeRaw`
      with due as (
        update instances set announced_at = ${now}
        where announced_at is null and cancelled_at is null and starts_at > ${now} and starts_at <= ${until}
        returning id, series_id, starts_at
      )
      insert into outbox (chat_id, kind, instance_id)
      select series.chat_id, 'ANNOUNCE', due.id from due join series on series.id = due.series_id
      order by due.starts_at, due.id`
  }
}
