import { BadRequestException, Inject, Injectable } from '@nestjs/common'
import { and, asc, eq, getTableColumns, isNull, or, type SQL } from 'drizzle-orm'
import { companies } from '../companies/schema.ts'
import { DATABASE, type Database } from '../database/database.ts'
import { hashPassword } from './password.ts'
import { users } from './schema.ts'
import type { NewUser } from './users.dto.ts'

const { passwordHash: _, ...shown } = getTableColumns(users)

@Injectable()
export class UsersService {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  all() {
    return this.db.select(shown).from(users).orderBy(asc(users.id))
  }

  async add({ password, companyId = null, ...input }: NewUser) {
    if ((input.role === 'customer') !== (companyId !== null))
      throw new BadRequestException('companyId is for customers: they need one, and nobody else has one')
    if (companyId !== null) await this.#companyIsThere(companyId)
    const [user] = await this.db
      .insert(users)
      .values({ ...input, companyId, passwordHash: await hashPassword(password) })
      .returning(shown)
    return user!
  }

  /** Undefined for the people of a company that was deleted, too. */
  async active(condition: SQL) {
    const [found] = await this.db
      .select({ user: users })
      .from(users)
      .leftJoin(companies, eq(companies.id, users.companyId))
      .where(and(condition, or(isNull(users.companyId), isNull(companies.deletedAt))))
    return found?.user
  }

  async #companyIsThere(id: number): Promise<void> {
    const found = await this.db.$count(companies, and(eq(companies.id, id), isNull(companies.deletedAt)))
    if (found === 0) throw new BadRequestException(`There is no company ${id}`)
  }
}
