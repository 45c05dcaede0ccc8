import { showSize } from '../../kernel/sizes.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'

/** A disk that something of ours lies on. */
export interface Disk {
  path: string
  totalBytes: number
  /** What may still be written; the share that a file system keeps for root is not among it. */
  freeBytes: number
}

/** The share of a disk that is in use, from which on somebody must know. */
const SOON = 0.95
const LATE = 0.98

/** An alarm for each disk that is nearly full: on a full one PostgreSQL ends, and no backup is written. */
export function diskAlarms(disks: readonly Disk[]): Alarm[] {
  return disks.flatMap(({ path, totalBytes, freeBytes }): Alarm[] => {
    const used = totalBytes === 0 ? 0 : 1 - freeBytes / totalBytes
    if (used < SOON) return []
    // Rounded down, because 100 % is said of a disk that takes nothing any more.
    const what = `the disk of ${path} is ${Math.floor(used * 100)} % full: ${showSize(freeBytes)} of ${showSize(totalBytes)} are free`
    const fix = `\`du -xh --max-depth=2 ${path} | sort -h | tail\` shows what takes the room; a smaller \`keep:\` keeps fewer releases and backups`
    return [{ code: 'disk.full', level: used < LATE ? 'soon' : 'late', what, fix }]
  })
}
