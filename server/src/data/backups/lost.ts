import type { PhysicalBackup } from '../repositories/physical.ts'
import { walGaps } from './due.ts'

interface AtPlace {
  backups: readonly PhysicalBackup[]
  /** Labels of backups whose list of files is there. */
  listed: readonly string[]
  segments: readonly string[]
}

/** Backups that cannot be restored although the place still names them: label → what is gone. One that builds on another needs that too. */
export function lostBackups({ backups, listed, segments }: AtPlace): Map<string, string> {
  const lost = new Map<string, string>()
  const there = new Set(segments)
  for (const { label, prior, firstSegment, lastSegment } of backups) {
    const needed = segments.filter(name => name >= firstSegment && name <= lastSegment)
    const gone = [firstSegment, lastSegment].find(name => !there.has(name))
    const gap = walGaps(needed, firstSegment)[0]
    if (!listed.includes(label)) lost.set(label, 'its list of files is gone')
    else if (gone !== undefined) lost.set(label, `the segment ${gone}, which it needs, is gone`)
    else if (gap !== undefined) lost.set(label, `write-ahead log that it needs is gone after ${gap.after}`)
    else if (prior !== null && lost.has(prior))
      lost.set(label, `it builds on ${prior}, and of that ${lost.get(prior)}`)
    else if (prior !== null && !backups.some(backup => backup.label === prior))
      lost.set(label, `it builds on ${prior}, which is gone`)
  }
  return lost
}

/** What is lost and has no good backup after it that stands alone; null: nothing. A full backup ends it. */
export function lostSinceFull(
  backups: readonly PhysicalBackup[],
  lost: ReadonlyMap<string, string>,
): { label: string; why: string } | null {
  const full = backups.findLast(({ kind, label }) => kind === 'full' && !lost.has(label))
  const label = backups.findLast(backup => lost.has(backup.label))?.label
  if (label === undefined) return null
  const newest = backups.findIndex(backup => backup.label === label)
  return full !== undefined && backups.indexOf(full) > newest ? null : { label, why: lost.get(label)! }
}
