import { and, asc, count, eq, isNull, like, ne, notExists, sql } from 'drizzle-orm'
import { capsules, problems } from '../capsules/schema.ts'
import { guests } from '../guests/schema.ts'
import { notFound } from '../http/refusal.ts'
import type { Database } from '../storage/database.ts'
import type { CheckIn, CheckIns } from './checkin.ts'
import { gone, notWaiting, taken } from './refusals.ts'
import { checkIns } from './schema.ts'

export function checkInsInPostgres(db: Database): CheckIns {
  const byRef = async (ref: string) => (await db.select().from(checkIns).where(eq(checkIns.ref, ref)))[0]
  return {
    byRef,
    async record({ capsule: wanted, ...entry }) {
      // Another instance may take the capsule between the choice and the insert. Then the insert
      // does nothing and the next free one is tried; each turn has one capsule fewer to lose.
      for (;;) {
        const capsule = await freeCapsule(db, wanted)
        const known = wanted && !capsule ? await byRef(entry.ref) : undefined
        if (known) return { checkIn: known, created: false }
        if (wanted && !capsule) throw taken(wanted)
        const row = { ...entry, capsule: capsule ?? null, state: capsule ? 'staying' : 'waiting' } as const
        const [checkIn] = await db.insert(checkIns).values(row).onConflictDoNothing().returning()
        if (checkIn) return { checkIn, created: true }
        const same = await byRef(entry.ref)
        if (same) return { checkIn: same, created: false }
      }
    },
    place: (id, capsule) => place(db, id, capsule),
    checkOut: (id, at) => checkOut(db, id, at),
    async present(limit) {
      const rows = await db
        .select({ checkIn: checkIns, guestName: guests.name, guestPhone: guests.phone })
        .from(checkIns)
        .innerJoin(guests, eq(guests.id, checkIns.guestId))
        .where(ne(checkIns.state, 'left'))
        .orderBy(asc(checkIns.state), asc(checkIns.checkedInAt), asc(checkIns.id))
        .limit(limit)
      return rows.map(({ checkIn, ...guest }) => ({ ...checkIn, ...guest }))
    },
    waiting: () => db.$count(checkIns, eq(checkIns.state, 'waiting')),
    async count(prefix) {
      const pattern = `${prefix.replace(/[\\%_]/g, '\\$&')}%`
      return (await db.select({ n: count() }).from(checkIns).where(like(checkIns.ref, pattern)))[0]!.n
    },
  }
}

async function freeCapsule(db: Database, wanted?: string): Promise<string | undefined> {
  const fault = db.select({ one: sql`1` }).from(problems)
    .where(and(eq(problems.capsule, capsules.number), isNull(problems.resolvedAt)))
  const stay = db.select({ one: sql`1` }).from(checkIns)
    .where(and(eq(checkIns.capsule, capsules.number), eq(checkIns.state, 'staying')))
  const [found] = await db.select({ number: capsules.number }).from(capsules)
    .where(and(eq(capsules.clean, true), notExists(fault), notExists(stay), wanted ? eq(capsules.number, wanted) : undefined))
    .orderBy(asc(capsules.number))
    .limit(1)
  return found?.number
}

async function place(db: Database, id: number, capsule: string): Promise<CheckIn> {
  return db.transaction(async (tx) => {
    const [waiting] = await tx.select().from(checkIns).where(eq(checkIns.id, id)).for('update')
    if (!waiting) throw notFound('check-in')
    if (waiting.state !== 'waiting') throw notWaiting()
    // The lock makes two desks that give away the same capsule take turns.
    await tx.select().from(capsules).where(eq(capsules.number, capsule)).for('update')
    if (!(await freeCapsule(tx, capsule))) throw taken(capsule)
    const change = { capsule, state: 'staying' as const }
    return (await tx.update(checkIns).set(change).where(eq(checkIns.id, id)).returning())[0]!
  })
}

async function checkOut(db: Database, id: number, at: Date): Promise<CheckIn> {
  return db.transaction(async (tx) => {
    const [here] = await tx.select().from(checkIns).where(eq(checkIns.id, id)).for('update')
    if (!here) throw notFound('check-in')
    if (here.state === 'left') throw gone()
    if (here.capsule) await tx.update(capsules).set({ clean: false }).where(eq(capsules.number, here.capsule))
    const change = { state: 'left' as const, checkedOutAt: at }
    return (await tx.update(checkIns).set(change).where(eq(checkIns.id, id)).returning())[0]!
  })
}
