import { BadRequestException, ConflictException, Inject, Injectable, NotFoundException } from '@nestjs/common'
import { and, asc, eq, getTableColumns, isNull } from 'drizzle-orm'
import { type Caller, visibleTo } from '../auth/caller.ts'
import type { Day } from '../calendar/day.ts'
import { lockCompany } from '../companies/companies.service.ts'
import { companies } from '../companies/schema.ts'
import { DATABASE, type Database } from '../database/database.ts'
import { OutboxService } from '../outbox/outbox.service.ts'
import { Generator } from '../service-days/generator.service.ts'
import type { ChangedContract, ContractFilter, NewContract } from './contracts.dto.ts'
import { type Contract, contracts } from './schema.ts'
import { allowedFrom, refusalOf, type Status } from './status.ts'

const { deletedAt: _, ...shown } = getTableColumns(contracts)

@Injectable()
export class ContractsService {
  constructor(
    @Inject(DATABASE) private readonly db: Database,
    private readonly generator: Generator,
    private readonly outbox: OutboxService,
  ) {}

  list(caller: Caller, { companyId, status }: ContractFilter) {
    const wanted = [
      isNull(contracts.deletedAt),
      visibleTo(caller),
      companyId === undefined ? undefined : eq(contracts.companyId, companyId),
      status && eq(contracts.status, status),
    ]
    return this.#select()
      .where(and(...wanted))
      .orderBy(asc(companies.name), asc(contracts.id))
  }

  async one(caller: Caller, id: number) {
    const [contract] = await this.#select().where(
      and(eq(contracts.id, id), isNull(contracts.deletedAt), visibleTo(caller)),
    )
    return contract ?? notFound(id)
  }

  async add(caller: Caller, input: NewContract) {
    checkSpan(input)
    const id = await this.db.transaction(async tx => {
      await lockCompany(tx, input.companyId)
      const [contract] = await tx.insert(contracts).values(input).returning({ id: contracts.id })
      await this.generator.generate(tx, contract!.id)
      return contract!.id
    })
    return this.one(caller, id)
  }

  /** What is agreed anew holds for days that are not there yet, or that nobody has confirmed. */
  async change(caller: Caller, id: number, input: ChangedContract) {
    await this.db.transaction(async tx => {
      const before = await lock(tx, id)
      if (before.status === 'terminated') throw new ConflictException('The contract is terminated, which is final')
      const { title, portionsPerDay, priceCents, weekdays, startsOn, endsOn } = { ...before, ...input }
      checkSpan({ startsOn, endsOn })
      await tx
        .update(contracts)
        .set({ title, portionsPerDay, priceCents, weekdays, startsOn, endsOn })
        .where(eq(contracts.id, id))
      await this.generator.removeAhead(tx, id)
      await this.generator.generate(tx, id)
    })
    return this.one(caller, id)
  }

  async changeStatus(caller: Caller, id: number, status: Status) {
    await this.db.transaction(async tx => {
      const before = await lock(tx, id)
      const message = refusalOf(before.status, status)
      if (message) throw new ConflictException({ statusCode: 409, message, allowed: allowedFrom(before.status) })
      await tx.update(contracts).set({ status }).where(eq(contracts.id, id))
      if (status === 'active') await this.generator.generate(tx, id)
      else await this.generator.removeAhead(tx, id)
      await this.outbox.put(tx, `contract.${status}`, {
        contractId: id,
        companyId: before.companyId,
        title: before.title,
      })
    })
    return this.one(caller, id)
  }

  async delete(id: number): Promise<void> {
    await this.db.transaction(async tx => {
      const { status } = await lock(tx, id)
      if (status !== 'terminated') throw new ConflictException(`The contract is ${status}: terminate it first`)
      await tx.update(contracts).set({ deletedAt: new Date() }).where(eq(contracts.id, id))
    })
  }

  #select() {
    return this.db
      .select({ ...shown, company: companies.name })
      .from(contracts)
      .innerJoin(companies, eq(companies.id, contracts.companyId))
      .$dynamic()
  }
}

async function lock(tx: Database, id: number): Promise<Contract> {
  const [contract] = await tx
    .select()
    .from(contracts)
    .where(and(eq(contracts.id, id), isNull(contracts.deletedAt)))
    .for('update')
  return contract ?? notFound(id)
}

function notFound(id: number): never {
  throw new NotFoundException(`There is no contract ${id}`)
}

function checkSpan({ startsOn, endsOn }: { startsOn: Day; endsOn?: Day | null }): void {
  if (endsOn && endsOn < startsOn) throw new BadRequestException('endsOn is before startsOn')
}
