import { BadRequestException, Injectable } from '@nestjs/common'
import { accountOf, type Caller, ownedBy } from '../accounts/caller.ts'
import { PrismaService } from '../database/prisma.service.ts'
import type { Series } from '../generated/prisma/client.ts'
import { InstanceMaker } from '../instances/instance-maker.service.ts'
import { Announcer } from '../instances/announcer.service.ts'
import { OutboxService } from '../outbox/outbox.service.ts'
import type { ChangedSeries, NewSeries } from './series.dto.ts'

@Injectable()
export class SeriesService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly maker: InstanceMaker,
    private readonly announcer: Announcer,
    private readonly outbox: OutboxService,
  ) {}

  async add(caller: Caller, input: NewSeries) {
    const accountId = accountOf(caller)
    const data = { ...input, startsAt: wallTime(input.startsAt), chatId: BigInt(input.chatId), accountId }
    const series = await this.prisma.series.create({ data })
    await this.#plan(series)
    return view(series)
  }

  async all(caller: Caller) {
    const rows = await this.prisma.series.findMany({
      where: { ...ownedBy(caller), endedAt: null },
      orderBy: { id: 'asc' },
    })
    return rows.map(view)
  }

  async one(caller: Caller, id: number) {
    return view(await this.#find(caller, id))
  }

  async change(caller: Caller, id: number, { startsAt, chatId, ...rest }: ChangedSeries) {
    await this.#find(caller, id)
    const times = startsAt === undefined ? {} : { startsAt: wallTime(startsAt) }
    const chat = chatId === undefined ? {} : { chatId: BigInt(chatId) }
    const series = await this.prisma.series.update({ where: { id }, data: { ...rest, ...times, ...chat } })
    // What was announced, or has people in it, was promised to them and stays.
    const open = {
      seriesId: id,
      startsAt: { gt: new Date() },
      announcedAt: null,
      cancelledAt: null,
      entries: { none: {} },
    }
    await this.prisma.instance.deleteMany({ where: open })
    await this.#plan(series)
    const announced = await this.prisma.instance.findMany({ where: { seriesId: id, startsAt: { gt: new Date() } } })
    for (const instance of announced) await this.outbox.refresh(this.prisma, instance.id)
    return view(series)
  }

  /** Ends it: what took place stays, with its log; what is still to come is called off. */
  async end(caller: Caller, id: number): Promise<void> {
    await this.#find(caller, id)
    const now = new Date()
    await this.prisma.$transaction(async tx => {
      await tx.series.update({ where: { id }, data: { endedAt: now } })
      const toCome = { seriesId: id, startsAt: { gt: now }, cancelledAt: null }
      const cancelled = await tx.instance.updateManyAndReturn({
        where: toCome,
        data: { cancelledAt: now },
        select: { id: true },
      })
      for (const instance of cancelled) await this.outbox.refresh(tx, instance.id)
    })
  }

  async #plan(series: Series): Promise<void> {
    const now = new Date()
    await this.maker.makeFor(series, now)
    await this.announcer.announceDue(now)
  }

  #find(caller: Caller, id: number): Promise<Series> {
    return this.prisma.series.findFirstOrThrow({ where: { id, ...ownedBy(caller), endedAt: null } })
  }
}

function wallTime(text: string): Date {
  const time = new Date(`${text}:00Z`)
  // 2026-02-31 is a date to JavaScript, three days later.
  if (time.toISOString().slice(0, text.length) !== text) throw new BadRequestException(`startsAt: there is no ${text}`)
  return time
}

const view = ({ startsAt, chatId, ...series }: Series) => ({
  ...series,
  startsAt: startsAt.toISOString().slice(0, 16),
  chatId: Number(chatId),
})
