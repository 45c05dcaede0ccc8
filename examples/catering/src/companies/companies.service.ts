import { ConflictException, Inject, Injectable, NotFoundException } from '@nestjs/common'
import { and, asc, eq, getTableColumns, inArray, isNull, ne } from 'drizzle-orm'
import { users } from '../accounts/schema.ts'
import { type Caller, visibleTo } from '../auth/caller.ts'
import { sessions } from '../auth/schema.ts'
import { contracts } from '../contracts/schema.ts'
import { DATABASE, type Database } from '../database/database.ts'
import type { ChangedCompany, NewCompany } from './companies.dto.ts'
import { type Company, companies } from './schema.ts'

const { deletedAt: _, ...shown } = getTableColumns(companies)

@Injectable()
export class CompaniesService {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  list(caller: Caller) {
    return this.db
      .select(shown)
      .from(companies)
      .where(and(isNull(companies.deletedAt), visibleTo(caller)))
      .orderBy(asc(companies.name))
  }

  async one(caller: Caller, id: number) {
    const [company] = await this.db
      .select(shown)
      .from(companies)
      .where(and(eq(companies.id, id), isNull(companies.deletedAt), visibleTo(caller)))
    return company ?? notFound(id)
  }

  async add(input: NewCompany) {
    const [company] = await this.db.insert(companies).values(input).returning(shown)
    return company!
  }

  async change(caller: Caller, id: number, input: ChangedCompany) {
    const { name, city, contactEmail } = await this.one(caller, id)
    const [company] = await this.db
      .update(companies)
      .set({ name, city, contactEmail, ...input })
      .where(eq(companies.id, id))
      .returning(shown)
    return company!
  }

  /** Its people are logged out with it. What was served stays in the reports. */
  async delete(id: number): Promise<void> {
    await this.db.transaction(async tx => {
      await lockCompany(tx, id)
      const goingOn = await tx.$count(contracts, and(eq(contracts.companyId, id), ne(contracts.status, 'terminated')))
      if (goingOn > 0)
        throw new ConflictException(`The company has ${goingOn} contracts that go on: terminate them first`)
      await tx.update(companies).set({ deletedAt: new Date() }).where(eq(companies.id, id))
      const people = tx.select({ id: users.id }).from(users).where(eq(users.companyId, id))
      await tx.delete(sessions).where(inArray(sessions.userId, people))
    })
  }
}

/** Whoever adds a contract takes this lock too, so that none comes to a company that is being deleted. */
export async function lockCompany(tx: Database, id: number): Promise<Company> {
  const [company] = await tx
    .select()
    .from(companies)
    .where(and(eq(companies.id, id), isNull(companies.deletedAt)))
    .for('update')
  return company ?? notFound(id)
}

function notFound(id: number): never {
  throw new NotFoundException(`There is no company ${id}`)
}
