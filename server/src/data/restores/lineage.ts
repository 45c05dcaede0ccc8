import type { Span } from '../backups/due.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'

/**
 * A timeline of a cluster's write-ahead log. It begins when data of an earlier moment serves again: by a restore, its
 * undo or a recovery.
 */
export interface Branch {
  timeline: number
  /** When it began to serve, in milliseconds since 1970. */
  since: number
  /** The timeline that it left, and the moment up to which it has the same history. */
  parent: number
  moment: number
  /**
   * The moment from which on what was written until `since` is in no log, because the files of the cluster were lost;
   * null: all of it was kept.
   */
  lost: number | null
}

/** The times whose commits are lost, oldest first: nothing written then can be restored. */
export const lostSpans = (branches: readonly Branch[]): Span[] =>
  branches.flatMap(({ lost, since }) => (lost === null ? [] : [{ from: lost, to: since }]))

/**
 * The branch by which the history of a point was left: what the app has now does not contain it. null: it does.
 * `branches`: oldest first; `segment`: the one that the point is in.
 */
export function leftBy(
  branches: readonly Branch[],
  { segment, at }: { segment: string; at: number },
): Branch | null {
  const now = branches.at(-1)
  if (now === undefined || leadsTo(branches, now.timeline)({ firstSegment: segment, endedAt: at }))
    return null
  return branches.find(({ since, moment }) => since >= at && moment < at) ?? now
}

/** The timeline in the name of a WAL segment. */
export const timelineOf = (segment: string): number => Number.parseInt(segment.slice(0, 8), 16)

/** The timeline that served at a moment. `branches`: oldest first; `now`: the one that serves now. */
export function timelineAt(branches: readonly Branch[], at: number, now: number): number {
  const last = branches.findLast(({ since }) => since <= at)
  return last?.timeline ?? branches[0]?.parent ?? now
}

/** Whether a backup is part of the history of a timeline: only then its WAL leads there. */
export function leadsTo(branches: readonly Branch[], timeline: number) {
  // Each timeline of the history, with the moment until which it is part of it.
  const until = new Map([[timeline, Number.POSITIVE_INFINITY]])
  for (let own = timeline, last = Number.POSITIVE_INFINITY; ; ) {
    const branch = branches.findLast(b => b.timeline === own)
    if (branch === undefined || until.has(branch.parent)) break
    last = Math.min(last, branch.moment)
    until.set(branch.parent, last)
    own = branch.parent
  }
  return ({ firstSegment, endedAt }: Pick<PhysicalBackup, 'firstSegment' | 'endedAt'>): boolean =>
    endedAt <= (until.get(timelineOf(firstSegment)) ?? Number.NEGATIVE_INFINITY)
}
