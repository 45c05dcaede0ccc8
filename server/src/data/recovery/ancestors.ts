import type { Past, PhysicalBackup } from '../repositories/physical.ts'
import { timelineOf } from '../restores/lineage.ts'

/** What of a place decides which backup leads to the end of its log. */
interface AtPlace {
  /** Oldest first. */
  backups: readonly PhysicalBackup[]
  segments: readonly string[]
  /** What the newest timeline has of others. */
  history: readonly Past[]
}

/**
 * The newest backup from which the log leads to its end. After a restore to an earlier moment, newer backups are of a
 * timeline that was left before they were taken: from them the log leads nowhere. Undefined: none leads there.
 */
export function baseOfEnd({ backups, segments, history }: AtPlace): PhysicalBackup | undefined {
  const sound = backups.filter(backup => !backup.error)
  const last = segments.at(-1)
  if (last === undefined) return sound.at(-1)
  const until = new Map(history.map(past => [past.timeline, past.until]))
  until.set(timelineOf(last), Number.POSITIVE_INFINITY)
  return sound.findLast(({ end, lastSegment }) => end <= (until.get(timelineOf(lastSegment)) ?? -1))
}
