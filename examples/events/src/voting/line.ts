/** A place in the line of an instance, in order of arrival. */
export interface Place {
  id: number
  userId: number
  kind: 'SELF' | 'GUEST'
}

export type Vote = 'join' | 'guest' | 'leave'
export type Outcome =
  | 'joined'
  | 'waiting'
  | 'already-in'
  | 'guest-joined'
  | 'guest-waiting'
  | 'too-many-guests'
  | 'left'
  | 'not-in'
type Action = 'JOINED' | 'WAITING' | 'GUEST_JOINED' | 'GUEST_WAITING' | 'LEFT' | 'MOVED_UP'

export interface Decision {
  outcome: Outcome
  add?: Place['kind']
  /** Ids of places. */
  remove: number[]
  log: { userId: number; action: Action }[]
}

export const MAX_GUESTS = 3

/** Seats are not stored: who came first sits, and when somebody leaves everyone behind moves up. */
export const seatsOf = <P extends Place>(line: readonly P[], capacity: number) => ({
  seated: line.slice(0, capacity),
  waiting: line.slice(capacity),
})

export function decide(line: readonly Place[], ballot: { vote: Vote; userId: number; capacity: number }): Decision {
  const { vote, userId, capacity } = ballot
  const mine = line.filter(place => place.userId === userId)
  const free = line.length < capacity
  if (vote === 'leave') return mine.length > 0 ? leave(line, mine, ballot) : nothing('not-in')
  if (vote === 'guest') {
    if (mine.filter(place => place.kind === 'GUEST').length >= MAX_GUESTS) return nothing('too-many-guests')
    const action = free ? 'GUEST_JOINED' : 'GUEST_WAITING'
    return { outcome: free ? 'guest-joined' : 'guest-waiting', add: 'GUEST', remove: [], log: [{ userId, action }] }
  }
  if (mine.some(place => place.kind === 'SELF')) return nothing('already-in')
  return {
    outcome: free ? 'joined' : 'waiting',
    add: 'SELF',
    remove: [],
    log: [{ userId, action: free ? 'JOINED' : 'WAITING' }],
  }
}

/** Guests go with the one who brought them. */
function leave(
  line: readonly Place[],
  mine: readonly Place[],
  { userId, capacity }: { userId: number; capacity: number },
): Decision {
  const remaining = line.filter(place => place.userId !== userId)
  const waited = new Set(seatsOf(line, capacity).waiting)
  const movedUp = seatsOf(remaining, capacity).seated.filter(place => waited.has(place))
  const log = [
    { userId, action: 'LEFT' as const },
    ...movedUp.map(place => ({ userId: place.userId, action: 'MOVED_UP' as const })),
  ]
  return { outcome: 'left', remove: mine.map(place => place.id), log }
}

const nothing = (outcome: Outcome): Decision => ({ outcome, remove: [], log: [] })
