import { Injectable } from '@nestjs/common'
import { type Database, PrismaService } from '../database/prisma.service.ts'
import type { OutboxMessage } from '../generated/prisma/client.ts'

type Waiting = Pick<OutboxMessage, 'id' | 'kind' | 'text' | 'attempts'> & { chatId: bigint; instanceId: number | null }

/** The table of what is to be sent. Whoever changes something puts it here in the same transaction. */
@Injectable()
export class OutboxService {
  constructor(private readonly prisma: PrismaService) {}

  async say(chatId: bigint, text: string): Promise<void> {
    await this.prisma.outboxMessage.create({ data: { chatId, kind: 'TEXT', text } })
  }

  /** The announcement of this instance is to be written anew, unless that waits already or there is none. */
  async refresh(db: Database, instanceId: number): Promise<void> {
    await db.$executeRaw`
      insert into outbox (chat_id, kind, instance_id)
      select series.chat_id, 'REFRESH', instances.id
      from instances join series on series.id = instances.series_id
      where instances.id = ${instanceId} and instances.announced_at is not null
      on conflict (instance_id, kind) where state = 'WAITING' do nothing`
  }

  /** The oldest of each chat, and only that: what is said in a chat keeps its order. */
  claim({ room, blocked }: { room: number; blocked: bigint[] }): Promise<Waiting[]> {
    return this.prisma.$queryRaw<Waiting[]>`
      update outbox set state = 'SENDING', attempts = attempts + 1
      where state = 'WAITING' and id in (
        select id from (
          select distinct on (chat_id) id, not_before from outbox
          where state = 'WAITING' and not chat_id = any(${blocked.map(String)}::bigint[])
          order by chat_id, id
        ) as oldest
        where not_before <= now() order by id limit ${room}
      )
      returning id, kind, text, attempts, chat_id as "chatId", instance_id as "instanceId"`
  }

  async sent(id: number): Promise<void> {
    await this.prisma.outboxMessage.update({ where: { id }, data: { state: 'SENT', sentAt: new Date(), error: null } })
  }

  async failed(id: number, error: string): Promise<void> {
    await this.prisma.outboxMessage.update({ where: { id }, data: { state: 'FAILED', error } })
  }

  /** What a sender that ended in between has left. It may have been sent: twice is better than never. */
  async recover(): Promise<void> {
    const left = await this.prisma.outboxMessage.findMany({ where: { state: 'SENDING' }, select: { id: true } })
    for (const { id } of left) await this.later(id, {})
  }

  async sentSince(since: Date): Promise<{ chat: bigint; at: number }[]> {
    const where = { sentAt: { gt: since } }
    const rows = await this.prisma.outboxMessage.findMany({
      where,
      select: { chatId: true, sentAt: true },
      orderBy: { sentAt: 'asc' },
    })
    return rows.map(({ chatId, sentAt }) => ({ chat: chatId, at: +sentAt! }))
  }

  /** Back to the waiting ones, unless one of the same kind came to wait meanwhile, which says more. */
  async later(id: number, data: { error?: string; notBefore?: Date; attempts?: number }): Promise<void> {
    try {
      await this.prisma.outboxMessage.update({ where: { id }, data: { ...data, state: 'WAITING' } })
    } catch (error) {
      if ((error as { code?: string }).code !== 'P2002') throw error
      await this.sent(id)
    }
  }
}
