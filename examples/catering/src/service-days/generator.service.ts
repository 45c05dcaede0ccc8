import { Inject, Injectable } from '@nestjs/common'
import { and, eq, gt, isNull, sql } from 'drizzle-orm'
import { addDays, type Day, dayOf } from '../calendar/day.ts'
import { Config } from '../config.ts'
import { contracts } from '../contracts/schema.ts'
import { DATABASE, type Database } from '../database/database.ts'
import { jobRuns, serviceDays } from './schema.ts'

const DAYS_AHEAD = 14
const JOB = 'service days'

/** `busy`: another instance is at it; `done`: it was done today. */
export type Outcome = { is: 'made'; days: number } | { is: 'busy' } | { is: 'done' }

/** Makes the service days of the coming two weeks. What is there already stays as it is. */
@Injectable()
export class Generator {
  constructor(
    private readonly config: Config,
    @Inject(DATABASE) private readonly db: Database,
  ) {}

  /** Once a day by however many instances; `again` makes what is missing on a day when it was done. */
  daily({ again = false } = {}): Promise<Outcome> {
    const day = this.today()
    return this.db.transaction(async (tx): Promise<Outcome> => {
      // Ends with the transaction, also when this process is killed.
      const { rows } = await tx.execute<{ got: boolean }>(
        sql`select pg_try_advisory_xact_lock(hashtext(${JOB})) as got`,
      )
      if (!rows[0]?.got) return { is: 'busy' }
      const isToday = and(eq(jobRuns.job, JOB), eq(jobRuns.day, day))
      if (!again && (await tx.$count(jobRuns, isToday)) > 0) return { is: 'done' }
      const made = await this.generate(tx)
      const target = [jobRuns.job, jobRuns.day]
      await tx
        .insert(jobRuns)
        .values({ job: JOB, day, made })
        .onConflictDoUpdate({ target, set: { made: sql`${jobRuns.made} + ${made}`, ranAt: sql`now()` } })
      return { is: 'made', days: made }
    })
  }

  /** Of all active contracts, or of one. */
  async generate(tx: Database, contractId?: number): Promise<number> {
    const from = this.today()
    const { rowCount } = await tx.execute(sql`
      insert into service_days (contract_id, day, expected_portions)
      select ${contracts.id}, day::date, ${contracts.portionsPerDay}
      from ${contracts}
      cross join generate_series(${from}::date, ${addDays(from, DAYS_AHEAD - 1)}::date, interval '1 day') as day
      where ${contracts.status} = 'active' and ${isNull(contracts.deletedAt)}
        and day >= ${contracts.startsOn} and (${contracts.endsOn} is null or day <= ${contracts.endsOn})
        and extract(isodow from day)::int = any(${contracts.weekdays})
        ${contractId === undefined ? sql`` : sql`and ${contracts.id} = ${contractId}`}
      order by day, ${contracts.id}
      on conflict (contract_id, day) do nothing`)
    return rowCount ?? 0
  }

  /** From tomorrow on, but for those that somebody has confirmed: they were promised. */
  async removeAhead(tx: Database, contractId: number): Promise<void> {
    const { day, expectedByCatererAt, expectedByCustomerAt } = serviceDays
    await tx
      .delete(serviceDays)
      .where(
        and(
          eq(serviceDays.contractId, contractId),
          gt(day, this.today()),
          isNull(expectedByCatererAt),
          isNull(expectedByCustomerAt),
        ),
      )
  }

  today(): Day {
    return dayOf(new Date(), this.config.timeZone)
  }
}
