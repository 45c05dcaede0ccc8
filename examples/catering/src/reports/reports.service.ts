import { BadRequestException, Inject, Injectable } from '@nestjs/common'
import { and, asc, between, eq } from 'drizzle-orm'
import { type Caller, visibleTo } from '../auth/caller.ts'
import { weekOf } from '../calendar/week.ts'
import { companies } from '../companies/schema.ts'
import { contracts } from '../contracts/schema.ts'
import { DATABASE, type Database } from '../database/database.ts'
import { type ServiceDay, serviceDays } from '../service-days/schema.ts'
import { type Cell, csv } from './csv.ts'

const HEADINGS = ['company', 'contract', 'day', 'expected', 'served', 'difference', 'confirmed', 'amount']

@Injectable()
export class ReportsService {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  /** With companies and contracts that were deleted since: what was served has to be paid. */
  async weekly(caller: Caller, { week, companyId }: { week: string; companyId?: number }): Promise<string> {
    const span = weekOf(week)
    if (!span) throw new BadRequestException('week is a week of a year like 2026-W12')
    const rows = await this.#rows(
      and(
        between(serviceDays.day, span.from, span.to),
        visibleTo(caller),
        companyId === undefined ? undefined : eq(companies.id, companyId),
      ),
    )
    return csv([HEADINGS, ...rows.map(line)])
  }

  #rows(wanted: ReturnType<typeof and>) {
    return this.db
      .select({
        company: companies.name,
        contract: contracts.title,
        priceCents: contracts.priceCents,
        day: serviceDays,
      })
      .from(serviceDays)
      .innerJoin(contracts, eq(contracts.id, serviceDays.contractId))
      .innerJoin(companies, eq(companies.id, contracts.companyId))
      .where(wanted)
      .orderBy(asc(companies.name), asc(contracts.title), asc(contracts.id), asc(serviceDays.day))
  }
}

interface Row {
  company: string
  contract: string
  priceCents: number
  day: ServiceDay
}

function line({ company, contract, priceCents, day }: Row): Cell[] {
  const { expectedPortions: expected, servedPortions: served } = day
  const confirmed = day.servedByCatererAt && day.servedByCustomerAt ? 'yes' : 'no'
  const difference = served === null ? null : served - expected
  const amount = served === null ? null : ((served * priceCents) / 100).toFixed(2)
  return [company, contract, day.day, expected, served, difference, confirmed, amount]
}
