import { Injectable } from '@nestjs/common'
import { type Database, PrismaService } from '../database/prisma.service.ts'
import { OutboxService } from '../outbox/outbox.service.ts'
import { decide, type Outcome, type Place, seatsOf, type Vote } from './line.ts'

export interface Voter {
  telegramId: bigint
  name: string
}

interface Locked {
  capacity: number
  starts_at: Date
  cancelled_at: Date | null
}

@Injectable()
export class VotingService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly outbox: OutboxService,
  ) {}

  /** `closed`: there is no such instance, or it has begun, or it is cancelled. */
  vote(instanceId: number, voter: Voter, vote: Vote): Promise<Outcome | 'closed'> {
    return this.prisma.$transaction(async tx => {
      // Locked, so that two votes for the last seat are decided one after the other.
      const [instance] = await tx.$queryRaw<Locked[]>`
        select capacity, starts_at, cancelled_at from instances where id = ${instanceId} for update`
      if (!instance || instance.cancelled_at || instance.starts_at <= new Date()) return 'closed'
      const { telegramId, name } = voter
      const user = await tx.user.upsert({ where: { telegramId }, create: { telegramId, name }, update: { name } })
      return this.#apply(tx, instanceId, { vote, userId: user.id, capacity: instance.capacity })
    })
  }

  async #apply(
    tx: Database,
    instanceId: number,
    ballot: { vote: Vote; userId: number; capacity: number },
  ): Promise<Outcome> {
    const line: Place[] = await tx.entry.findMany({ where: { instanceId }, orderBy: { id: 'asc' } })
    const { outcome, add, remove, log } = decide(line, ballot)
    if (log.length === 0) return outcome
    if (add) await tx.entry.create({ data: { instanceId, userId: ballot.userId, kind: add } })
    if (remove.length > 0) await tx.entry.deleteMany({ where: { id: { in: remove } } })
    await tx.participationLog.createMany({ data: log.map(entry => ({ instanceId, ...entry })) })
    await this.outbox.refresh(tx, instanceId)
    return outcome
  }

  known(telegramId: number): Promise<Voter> {
    return this.prisma.user.findUniqueOrThrow({ where: { telegramId }, select: { telegramId: true, name: true } })
  }

  async participants(instanceId: number) {
    const { capacity, entries } = await this.prisma.instance.findUniqueOrThrow({
      where: { id: instanceId },
      include: { entries: { include: { user: true }, orderBy: { id: 'asc' } } },
    })
    const { seated, waiting } = seatsOf(entries, capacity)
    const shown = ({ user, kind, createdAt }: (typeof entries)[number]) => ({
      telegramId: Number(user.telegramId),
      name: user.name,
      guest: kind === 'GUEST',
      since: createdAt,
    })
    return { capacity, seated: seated.map(shown), waiting: waiting.map(shown) }
  }
}
