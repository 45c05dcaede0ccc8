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

/** Who waits for whom, from those that wait for nobody and hold others up, the longest transaction first. */
export function locksOf(sessions: readonly Session[]): Lock[] {
  const known = new Set(sessions.map(one => one.pid))
  const waitsFor = (pid: number) => sessions.filter(one => one.blockedBy.includes(pid))
  // PostgreSQL ends a deadlock by itself, but it may be seen before.
  const from = ({ pid }: Session, above: readonly number[]): Lock[] => [
    { pid, depth: above.length },
    ...waitsFor(pid).flatMap(one => ([...above, pid].includes(one.pid) ? [] : from(one, [...above, pid]))),
  ]
  const holders = sessions.filter(
    one => waitsFor(one.pid).length > 0 && !one.blockedBy.some(pid => known.has(pid)),
  )
  // In a deadlock everybody waits: then it begins anywhere.
  const tops = holders.length > 0 ? holders : sessions.filter(one => one.blockedBy.length > 0).slice(0, 1)
  return tops
    .toSorted((a, b) => (b.transactionMs ?? 0) - (a.transactionMs ?? 0))
    .flatMap(one => from(one, []))
}
