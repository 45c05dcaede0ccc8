import type { PhysicalBackup } from '../repositories/physical.ts'
import { goodOf, isFuture } from './rule.ts'

const HOUR = 3_600_000
const FULL_EVERY = 7 * 24 * HOUR
/** A schedule may run a little early or late, and must not skip a day because of that. */
const SCHEDULE_TOLERANCE = HOUR
/** Longest time without a good backup: a day, and two hours for a late start and a long backup. */
const LONGEST_WITHOUT = 26 * HOUR

/**
 * Which kind the next backup at a place is. `gapSince`: when missing WAL was last found there. A full backup with a date
 * in the future does not count: it would stay the newest for years, and every later backup would be a full one.
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

/** The backup that pgBackRest builds a differential one on, also with its damaged pages: the full one with the last label. */
const baseOf = (backups: readonly PhysicalBackup[]): PhysicalBackup | undefined =>
  backups
    .filter(({ kind }) => kind === 'full')
    .toSorted((a, b) => (a.label < b.label ? -1 : 1))
    .at(-1)

/** Whether the last good backup is too old. `since`: when the database was created. One dated in the future counts as too old. */
export function isOverdue(lastGoodEndedAt: number | null, since: number, now: number): boolean {
  const last = lastGoodEndedAt ?? since
  return now - last > LONGEST_WITHOUT || isFuture(last, now)
}

/** A time from one moment (inclusive) to another (exclusive), in milliseconds since 1970. */
export interface Span {
  from: number
  to: number
}

/**
 * The window in which any moment can be restored, and the times in it of which none can. `backups`: those after whose
 * start no WAL is missing. `lost`: times whose commits are in no log, oldest first.
 */
export function recoverableWindow(
  backups: readonly PhysicalBackup[],
  lastArchivedAt: number | null,
  lost: readonly Span[],
): (Span & { lost: Span[] }) | null {
  if (lastArchivedAt === null) return null
  const within = (at: number) => lost.find(span => span.from <= at && at < span.to)
  const first = Math.min(...goodOf(backups).map(({ endedAt }) => endedAt))
  const from = within(first)?.to ?? first
  const to = within(lastArchivedAt)?.from ?? lastArchivedAt
  return to < from ? null : { from, to, lost: lost.filter(span => span.from > from && span.to <= to) }
}

/** WAL segments of 16 MB: this many share the middle part of their names. */
const SEGMENTS_PER_LOG = 256

interface Gap {
  /** The last segment before the gap. `before`: the first one after it. */
  after: string
  before: string
}

/**
 * The gaps in a list of WAL segments. `from`: the first segment that must be there. What is before it is ignored,
 * because retention leaves gaps there.
 */
export function walGaps(segments: readonly string[], from?: string): Gap[] {
  const wanted = from === undefined ? segments : [precursor(from), ...segments.filter(name => name >= from)]
  // The names of segments sort by timeline, then by position.
  const timelines = [...Map.groupBy([...new Set(wanted)].toSorted(), timelineOf).values()]
  return timelines.flatMap((names, n) => [
    ...branchGap(timelines.slice(0, n).flat(), names[0]!),
    ...names.slice(1).flatMap((before, m) => gap(names[m]!, before)),
  ])
}

/**
 * The gap before a timeline's first segment. That segment is a copy of the one in which the timeline branched off, or
 * the next one. The names do not say which timeline it left, so any earlier timeline that reaches this position will
 * do. When all segments of earlier timelines are later, no gap can be shown.
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

/** The good backups after whose start no segment is missing: any moment after them can be restored. */
export function continuous(
  backups: readonly PhysicalBackup[],
  segments: readonly string[],
): PhysicalBackup[] {
  const there = new Set(segments)
  // Gaps are looked for once for all backups: a month of archive has tens of thousands of segments.
  const last = walGaps(segments)
    .map(({ before }) => before)
    .toSorted()
    .at(-1)
  return goodOf(backups).filter(
    ({ firstSegment }) => there.has(firstSegment) && (last === undefined || last <= firstSegment),
  )
}
