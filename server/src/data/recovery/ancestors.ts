import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { continuous } from '../backups/due.ts'
import type { Past, PhysicalBackup } from '../repositories/physical.ts'
import { timelineOf } from '../restores/lineage.ts'

/** What of a place decides which backup leads to the end of its log. */
export interface AtPlace {
  /** Oldest first. */
  backups: readonly PhysicalBackup[]
  segments: readonly string[]
  /** The newest timeline, and what it has of others; empty: there is one timeline. */
  history: readonly Past[]
}

/** Timeline → until which position it is part of what a recovery reaches. */
function reaches({ segments, history }: Pick<AtPlace, 'segments' | 'history'>): Map<number, number> {
  const until = new Map(history.map(past => [past.timeline, past.until]))
  const known = [...until.keys(), ...segments.slice(-1).map(timelineOf)]
  if (known.length > 0) until.set(Math.max(...known), Number.POSITIVE_INFINITY)
  return until
}

const SEGMENT_BYTES = 16 * 1024 ** 2
/** Position in the log at which a segment begins. */
const startOf = (segment: string): number =>
  Number.parseInt(segment.slice(8, 16), 16) * 2 ** 32 + Number.parseInt(segment.slice(16), 16) * SEGMENT_BYTES

/**
 * The last segment that a recovery replays; undefined: none. After a restore was taken back, the segments of what was
 * restored may reach further, and are no part of what serves.
 */
export function endOfLog(at: Pick<AtPlace, 'segments' | 'history'>): string | undefined {
  const until = reaches(at)
  return at.segments
    .filter(segment => startOf(segment) < (until.get(timelineOf(segment)) ?? -1))
    .toSorted((a, b) => startOf(a) - startOf(b) || timelineOf(a) - timelineOf(b))
    .at(-1)
}

/**
 * The backups from which the log leads to its end, oldest first. After a restore to an earlier moment, newer backups are
 * of a timeline that was left before they were taken: from them the log leads nowhere.
 */
function leadingToEnd(at: AtPlace): PhysicalBackup[] {
  const sound = at.backups.filter(backup => !backup.error)
  if (at.segments.length === 0) return sound
  const until = reaches(at)
  return sound.filter(({ end, lastSegment }) => end <= (until.get(timelineOf(lastSegment)) ?? -1))
}

/** The newest backup from which the log leads to its end; undefined: none leads there. */
export const baseOfEnd = (at: AtPlace): PhysicalBackup | undefined => leadingToEnd(at).at(-1)

/** Labels of the backups from which a recovery reaches the end, oldest first: also no segment after them is missing. */
function possible(at: AtPlace): string[] {
  const whole = continuous(at.backups, at.segments).map(({ label }) => label)
  return leadingToEnd(at).flatMap(({ label }) => (whole.includes(label) ? [label] : []))
}

/**
 * Whether a recovery may begin from the backup with this label. Failure `backup.unknown`: no place has it;
 * `recover.backup`: it is damaged, or the log does not lead from it to the end.
 */
export function mayBegin(label: string, places: readonly AtPlace[]): (at: AtPlace) => boolean {
  const known = places.flatMap(({ backups }) => backups.map(backup => backup.label))
  if (!known.includes(label))
    throw new Failure('backup.unknown', `there is no backup ${label}`, {
      why: `the places have ${list([...new Set(known)]) || 'none'}`,
      fix: '`inn backup list`',
    })
  const leads = (at: AtPlace) => possible(at).includes(label)
  if (places.some(leads)) return leads
  const others = places.flatMap(possible)
  throw new Failure('recover.backup', `no recovery can begin from ${label}`, {
    why: 'its pages had errors, or log after it is gone, or a restore to an earlier moment left what it is of: the log does not lead from it to its end',
    fix:
      others.length === 0 ? 'there is none from which it does' : `name one of ${list([...new Set(others)])}`,
  })
}
