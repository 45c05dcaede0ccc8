import { createHealth, type Health, type Report } from '@innkeeper/sdk/health'
import { Inject, Injectable } from '@nestjs/common'
import { sql } from 'drizzle-orm'
import { DATABASE, type Database } from '../database/database.ts'
import { version } from '../version.ts'

@Injectable()
export class HealthService {
  readonly #health: Health

  constructor(@Inject(DATABASE) db: Database) {
    this.#health = createHealth({ version, checks: { database: () => db.execute(sql`select 1`) } })
  }

  read(): Promise<Report> {
    return this.#health.report()
  }
}
