/** One connection to a database. Durations in milliseconds. */
export interface Session {
  pid: number
  /** Since when it is there, in milliseconds since 1970. */
  began: number
  database: string
  user: string
  /** What the client calls itself. */
  program: string
  /** As PostgreSQL says it: active, idle, idle in transaction … */
  state: string
  /** What its statement waits for; null: for nothing, or it has none. */
  waits: string | null
  /** Its statement, or the last one. */
  text: string
  /** How long it is in this state. */
  sinceMs: number
  /** How long its transaction is open; null: it has none. */
  transactionMs: number | null
  /** The sessions for whose locks it waits. */
  blockedBy: readonly number[]
}

/** One that waits stands below the one for which it waits, one deeper. */
export interface Lock {
  pid: number
  depth: number
}

/** More sessions of one look are not shown. */
export const MOST_LOCKS = 500

/**
 * Who waits for whom, from those that wait for nobody and hold others up, the longest transaction first. Each session
 * stands in one place: PostgreSQL says of one that waits in a queue that it waits for everybody before it.
 */
export function locksOf(sessions: readonly Session[]): Lock[] {
  const known = new Set(sessions.map(one => one.pid))
  const waiters = Map.groupBy(
    sessions.flatMap(one => one.blockedBy.map(by => ({ by, one }))),
    ({ by }) => by,
  )
  const placed = new Map<number, number>()
  const place = ({ pid }: Session, depth: number): void => {
    if (placed.has(pid) || placed.size >= MOST_LOCKS) return
    placed.set(pid, depth)
    // First those that wait for the least: who waits for others of them, too, stands below these.
    const own = (waiters.get(pid) ?? []).map(({ one }) => one)
    for (const one of own.toSorted((a, b) => a.blockedBy.length - b.blockedBy.length)) place(one, depth + 1)
  }
  const holders = sessions.filter(one => waiters.has(one.pid) && !one.blockedBy.some(pid => known.has(pid)))
  const byAge = holders.toSorted((a, b) => (b.transactionMs ?? 0) - (a.transactionMs ?? 0))
  for (const one of byAge) place(one, 0)
  // In a deadlock everybody waits, until PostgreSQL ends it: then it begins anywhere.
  for (const one of sessions) if (one.blockedBy.length > 0) place(one, 0)
  return [...placed].map(([pid, depth]) => ({ pid, depth }))
}
