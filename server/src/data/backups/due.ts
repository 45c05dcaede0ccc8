import type { PhysicalBackup } from '../repositories/physical.ts'
import { goodOf, isFuture } from './rule.ts'

const HOUR = 3_600_000
const FULL_EVERY = 7 * 24 * HOUR
/** A schedule runs a little early or late; it must not skip a day for it. */
const SCHEDULE_TOLERANCE = HOUR
/** A day, and two hours for a late start and a long backup. */
const LONGEST_WITHOUT = 26 * HOUR

/**
 * Which kind the next backup at a place is. `gapSince`: when WAL was last found to be missing there.
 * A full one from the future does not count: it would be the newest for years, and each day's backup full.
 */
export function nextKind(
  backups: readonly PhysicalBackup[],
  now: number,
  { gapSince }: { gapSince: number | null },
): 'full' | 'diff' {
  const good = goodOf(backups).filter(backup => !isFuture(backup.startedAt, now))
  const young = good.some(
    ({ kind, startedAt }) => kind === 'full' && now - startedAt < FULL_EVERY - SCHEDULE_TOLERANCE,
  )
  const afterGap = gapSince === null || good.some(({ startedAt }) => startedAt > gapSince)
  return young && afterGap && !baseOf(backups)?.error ? 'diff' : 'full'
}

/** What pgBackRest builds a diff on, and takes damaged pages over from: the full backup with the last label. */
const baseOf = (backups: readonly PhysicalBackup[]): PhysicalBackup | undefined =>
  backups
    .filter(({ kind }) => kind === 'full')
    .toSorted((a, b) => (a.label < b.label ? -1 : 1))
    .at(-1)

/** `since`: when the database was made. A backup from the future tells nothing about its age. */
export function isOverdue(lastGoodEndedAt: number | null, since: number, now: number): boolean {
  const last = lastGoodEndedAt ?? since
  return now - last > LONGEST_WITHOUT || isFuture(last, now)
}

/** Between which moments any can be restored. `backups`: those from whose start on all WAL is there. */
export function recoverableWindow(
  backups: readonly PhysicalBackup[],
  lastArchivedAt: number | null,
): { from: number; to: number } | null {
  const from = Math.min(...goodOf(backups).map(({ endedAt }) => endedAt))
  return lastArchivedAt === null || lastArchivedAt < from ? null : { from, to: lastArchivedAt }
}

/** Segments of 16 MB: so many to each number in the middle of a name. */
const SEGMENTS_PER_LOG = 256

interface Gap {
  /** The last segment that is there. */
  after: string
  before: string
}

/**
 * Where segments are missing. `from`: the first that must be there; before it nothing is looked at, because
 * retention leaves holes there.
 */
export function walGaps(segments: readonly string[], from?: string): Gap[] {
  const wanted = from === undefined ? segments : [precursor(from), ...segments.filter(name => name >= from)]
  // Names sort by timeline, then by position.
  const timelines = [...Map.groupBy([...new Set(wanted)].toSorted(), timelineOf).values()]
  return timelines.flatMap((names, n) => [
    ...branchGap(timelines.slice(0, n).flat(), names[0]!),
    ...names.slice(1).flatMap((before, m) => gap(names[m]!, before)),
  ])
}

/**
 * A timeline begins within a segment of the one that it left, as a copy of it, or with the one after. Which one it
 * left is not in the names: any earlier timeline that reaches its beginning will do, and where all that is there
 * of them comes later, nothing can be said.
 */
function branchGap(earlier: readonly string[], first: string): Gap[] {
  const left = earlier
    .filter(name => position(name) <= position(first))
    .toSorted((a, b) => position(a) - position(b))
    .at(-1)
  return left === undefined ? [] : gap(left, first)
}

const gap = (after: string, before: string): Gap[] =>
  position(before) - position(after) <= 1 ? [] : [{ after, before }]

const timelineOf = (name: string): string => name.slice(0, 8)

const position = (name: string): number =>
  Number.parseInt(name.slice(8, 16), 16) * SEGMENTS_PER_LOG + Number.parseInt(name.slice(16), 16)

function precursor(name: string): string {
  const at = position(name) - 1
  const hex = (n: number) => n.toString(16).toUpperCase().padStart(8, '0')
  return `${timelineOf(name)}${hex(Math.floor(at / SEGMENTS_PER_LOG))}${hex(at % SEGMENTS_PER_LOG)}`
}

/** The good backups from whose beginning on no segment is missing: each moment after them can be reached. */
export function continuous(
  backups: readonly PhysicalBackup[],
  segments: readonly string[],
): PhysicalBackup[] {
  const there = new Set(segments)
  // Looked for once: an archive of a month has tens of thousands of segments.
  const last = walGaps(segments)
    .map(({ before }) => before)
    .toSorted()
    .at(-1)
  return goodOf(backups).filter(
    ({ firstSegment }) => there.has(firstSegment) && (last === undefined || last <= firstSegment),
  )
}
