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
  /** What the newest timeline has of others. */
  history: readonly Past[]
}

/**
 * The backups from which the log leads to its end, oldest first. After a restore to an earlier moment, newer backups are
 * of a timeline that was left before they were taken: from them the log leads nowhere.
 */
function leadingToEnd({ backups, segments, history }: AtPlace): PhysicalBackup[] {
  const sound = backups.filter(backup => !backup.error)
  const last = segments.at(-1)
  if (last === undefined) return sound
  const until = new Map(history.map(past => [past.timeline, past.until]))
  until.set(timelineOf(last), Number.POSITIVE_INFINITY)
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
