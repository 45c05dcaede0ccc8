import { notFound } from '../http/refusal.ts'
import type { Tables } from '../storage/tables.ts'
import { type Berth, type Capsule, type Capsules, type Stay, stateOf } from './capsule.ts'

export function capsulesInMemory(tables: Tables): Capsules {
  const existing = (number: string): Capsule => {
    const capsule = tables.capsules.get(number)
    if (!capsule) throw notFound('capsule')
    return capsule
  }
  return {
    async add(capsules) {
      for (const capsule of capsules) {
        if (!tables.capsules.has(capsule.number)) tables.capsules.set(capsule.number, { ...capsule })
      }
    },
    async berths() {
      return berthsOf(tables)
    },
    async setClean(number, clean) {
      existing(number).clean = clean
    },
    async report(number, description) {
      const { number: capsule } = existing(number)
      const problem = { id: tables.nextId(), capsule, description, reportedAt: new Date(), resolvedAt: null }
      tables.problems.push(problem)
      return problem
    },
    async resolve(problemId, at) {
      const problem = tables.problems.find((p) => p.id === problemId)
      if (!problem) throw notFound('problem')
      problem.resolvedAt ??= at
    },
  }
}

export function berthsOf(tables: Tables): Berth[] {
  return [...tables.capsules.values()].map((capsule) => {
    const problem = tables.problems.find((p) => p.capsule === capsule.number && !p.resolvedAt) ?? null
    const found = { ...capsule, problem, stay: stayIn(tables, capsule.number) }
    return { ...found, state: stateOf(found) }
  })
}

function stayIn(tables: Tables, number: string): Stay | null {
  for (const checkIn of tables.checkIns.values()) {
    if (checkIn.capsule !== number || checkIn.state !== 'staying') continue
    const { id, guestId, dueOut } = checkIn
    return { checkInId: id, guestId, dueOut, guestName: tables.guests.get(guestId)?.name ?? '' }
  }
  return null
}
