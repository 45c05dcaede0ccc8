import { BadRequestException, ConflictException, Inject, Injectable, NotFoundException } from '@nestjs/common'
import { and, asc, eq, gte, isNull, lte, type SQL } from 'drizzle-orm'
import { type Caller, visibleTo } from '../auth/caller.ts'
import { addDays, daysBetween } from '../calendar/day.ts'
import { companies } from '../companies/schema.ts'
import { contracts } from '../contracts/schema.ts'
import { DATABASE, type Database } from '../database/database.ts'
import { OutboxService } from '../outbox/outbox.service.ts'
import { type Figure, isConfirmed, type Side, stated } from './figure.ts'
import { Generator } from './generator.service.ts'
import { type ServiceDay, serviceDays } from './schema.ts'
import type { ShownServiceDay, Span } from './service-days.dto.ts'

const PAGE = 1000
const LONGEST_SPAN = 92

interface Row {
  day: ServiceDay
  contract: string
  company: string
}

@Injectable()
export class ServiceDaysService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    private readonly generator: Generator,
    private readonly outbox: OutboxService,
  ) {}

  /** Without a span: from a week ago to what is made ahead. */
  async list(caller: Caller, span: Span): Promise<ShownServiceDay[]> {
    const from = span.from ?? addDays(span.to ?? this.generator.today(), -7)
    const to = span.to ?? addDays(from, 21)
    if (to < from) throw new BadRequestException('to is before from')
    if (daysBetween(from, to) > LONGEST_SPAN) throw new BadRequestException(`Ask for ${LONGEST_SPAN} days at most`)
    const rows = await this.#select(caller, [
      gte(serviceDays.day, from),
      lte(serviceDays.day, to),
      span.companyId === undefined ? undefined : eq(companies.id, span.companyId),
      span.contractId === undefined ? undefined : eq(contracts.id, span.contractId),
    ])
      .orderBy(asc(serviceDays.day), asc(serviceDays.id))
      .limit(PAGE)
      .offset(((span.page ?? 1) - 1) * PAGE)
    return rows.map(shown)
  }

  async one(caller: Caller, id: number): Promise<ShownServiceDay> {
    const [row] = await this.#select(caller, [eq(serviceDays.id, id)])
    if (!row) throw new NotFoundException(`There is no service day ${id}`)
    return shown(row)
  }

  async stateExpected(caller: Caller, id: number, portions: number): Promise<ShownServiceDay> {
    await this.#state(caller, id, async (tx, day) => {
      if (day.servedPortions !== null) throw new ConflictException('What was served is stated already')
      const { portions: expectedPortions, caterer, customer } = this.#next(expectedOf(day), caller, portions)
      const figure = {
        expectedPortions: expectedPortions!,
        expectedByCatererAt: caterer,
        expectedByCustomerAt: customer,
      }
      await tx.update(serviceDays).set(figure).where(eq(serviceDays.id, id))
    })
    return this.one(caller, id)
  }

  async stateServed(caller: Caller, id: number, portions: number): Promise<ShownServiceDay> {
    await this.#state(caller, id, async (tx, day) => {
      if (day.day > this.generator.today()) throw new ConflictException(`${day.day} has not come yet`)
      const before = servedOf(day)
      const after = this.#next(before, caller, portions)
      const { portions: servedPortions, caterer, customer } = after
      const figure = { servedPortions, servedByCatererAt: caterer, servedByCustomerAt: customer }
      await tx.update(serviceDays).set(figure).where(eq(serviceDays.id, id))
      if (isConfirmed(after) && !isConfirmed(before)) {
        const { contractId, expectedPortions: expected } = day
        await this.outbox.put(tx, 'service-day.confirmed', {
          serviceDayId: id,
          contractId,
          day: day.day,
          expected,
          served: portions,
        })
      }
    })
    return this.one(caller, id)
  }

  /** The two sides come one after the other, also when they press at the same moment. */
  async #state(caller: Caller, id: number, work: (tx: Database, day: ServiceDay) => Promise<void>): Promise<void> {
    await this.one(caller, id)
    await this.db.transaction(async tx => {
      const [day] = await tx.select().from(serviceDays).where(eq(serviceDays.id, id)).for('update')
      if (!day) throw new NotFoundException(`There is no service day ${id}`)
      await work(tx, day)
    })
  }

  #next(figure: Figure, { role }: Caller, portions: number): Figure {
    const next = stated(figure, { side: role as Side, portions, at: new Date() })
    if (next === 'final') throw new ConflictException(`Both sides have confirmed ${figure.portions} portions`)
    return next
  }

  #select(caller: Caller, wanted: (SQL | undefined)[]) {
    return this.db
      .select({ day: serviceDays, contract: contracts.title, company: companies.name })
      .from(serviceDays)
      .innerJoin(contracts, eq(contracts.id, serviceDays.contractId))
      .innerJoin(companies, eq(companies.id, contracts.companyId))
      .where(and(...wanted, isNull(contracts.deletedAt), isNull(companies.deletedAt), visibleTo(caller)))
      .$dynamic()
  }
}

const expectedOf = (day: ServiceDay): Figure => ({
  portions: day.expectedPortions,
  caterer: day.expectedByCatererAt,
  customer: day.expectedByCustomerAt,
})

const servedOf = (day: ServiceDay): Figure => ({
  portions: day.servedPortions,
  caterer: day.servedByCatererAt,
  customer: day.servedByCustomerAt,
})

const withConfirmed = (figure: Figure) => ({ ...figure, confirmed: isConfirmed(figure) })

const shown = ({ day, contract, company }: Row): ShownServiceDay => ({
  id: day.id,
  day: day.day,
  contractId: day.contractId,
  contract,
  company,
  expected: withConfirmed(expectedOf(day)),
  served: withConfirmed(servedOf(day)),
})
