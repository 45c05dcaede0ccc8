import { and, asc, eq, isNull } from 'drizzle-orm'
import { checkIns } from '../checkins/schema.ts'
import { guests } from '../guests/schema.ts'
import { notFound } from '../http/refusal.ts'
import type { Database } from '../storage/database.ts'
import { type Berth, type Capsules, stateOf } from './capsule.ts'
import { capsules, problems } from './schema.ts'

export function capsulesInPostgres(db: Database): Capsules {
  return {
    async add(rows) {
      await db.insert(capsules).values(rows).onConflictDoNothing()
    },
    berths: () => berthsIn(db),
    async setClean(number, clean) {
      const changed = await db.update(capsules).set({ clean }).where(eq(capsules.number, number)).returning()
      if (changed.length === 0) throw notFound('capsule')
    },
    async report(number, description) {
      const [capsule] = await db.select().from(capsules).where(eq(capsules.number, number))
      if (!capsule) throw notFound('capsule')
      return (await db.insert(problems).values({ capsule: number, description }).returning())[0]!
    },
    async resolve(problemId, at) {
      const [problem] = await db.select().from(problems).where(eq(problems.id, problemId))
      if (!problem) throw notFound('problem')
      const open = and(eq(problems.id, problemId), isNull(problems.resolvedAt))
      await db.update(problems).set({ resolvedAt: at }).where(open)
    },
  }
}

async function berthsIn(db: Database): Promise<Berth[]> {
  const rows = await db
    .selectDistinctOn([capsules.number], {
      capsule: capsules,
      problem: { id: problems.id, description: problems.description, reportedAt: problems.reportedAt },
      stay: { checkInId: checkIns.id, guestId: checkIns.guestId, guestName: guests.name, dueOut: checkIns.dueOut },
    })
    .from(capsules)
    .leftJoin(problems, and(eq(problems.capsule, capsules.number), isNull(problems.resolvedAt)))
    .leftJoin(checkIns, and(eq(checkIns.capsule, capsules.number), eq(checkIns.state, 'staying')))
    .leftJoin(guests, eq(guests.id, checkIns.guestId))
    .orderBy(asc(capsules.number), asc(problems.id))
  return rows.map(({ capsule, problem, stay: found }) => {
    const stay = found?.checkInId ? { ...found, guestName: found.guestName ?? '' } as Berth['stay'] : null
    const berth = { ...capsule, problem: problem?.id ? problem : null, stay }
    return { ...berth, state: stateOf(berth) }
  })
}
