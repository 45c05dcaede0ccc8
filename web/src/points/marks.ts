import type { z } from 'zod'
import type { BackupPlace, PhysicalBackup, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { count, dateTime, size } from '../kit/words.ts'

type Backup = z.infer<typeof PhysicalBackup>

/** The looks of marks in a time line: restore points by their state, backups by their kind. */
export type Look = RestorePoint['state'] | 'full' | 'part' | 'damaged'

export interface Mark {
  key: string
  lane: 'points' | 'backups'
  look: Look
  at: number
  /** The mark in words. */
  says: string
}

export const POINT_STATES: Record<RestorePoint['state'], string> = {
  good: 'good',
  failed: 'failed',
  taking: 'being taken',
  marked: 'marked',
}

const BACKUP_KINDS: Record<Backup['kind'], string> = {
  full: 'full',
  diff: 'differential',
  incr: 'incremental',
}

export function pointBy({ kind, app }: RestorePoint): string {
  if (kind === 'deploy') return `before a deploy${app === null ? '' : ` of ${app}`}`
  return kind === 'person' ? 'by a person' : 'by schedule'
}

export const filesOf = ({ parts }: RestorePoint): number =>
  parts.reduce((sum, part) => sum + (part.bytes ?? 0), 0)

export const pointSays = (point: RestorePoint): string =>
  [`restore point ${point.name}`, POINT_STATES[point.state], pointBy(point), dateTime(point.at)].join(', ')

export const backupSays = (backup: Backup): string =>
  [
    `${BACKUP_KINDS[backup.kind]} backup ${backup.label}`,
    ...(backup.error ? ['damaged'] : []),
    `${size(backup.storedBytes)} stored of ${size(backup.bytes)}`,
    dateTime(backup.endedAt),
  ].join(', ')

/** The restore points of a place. One without parts counts for every place: it failed early, or was only named in the WAL. */
export const pointsAt = (place: string, points: readonly RestorePoint[]): RestorePoint[] =>
  points.filter(({ parts }) => parts.length === 0 || parts.some(part => part.place === place))

/** Marks for the restore points and backups of one place, oldest first. */
export function marksOf(place: BackupPlace, points: readonly RestorePoint[]): Mark[] {
  const ofPoints = pointsAt(place.name, points).map(
    (point): Mark => ({
      key: point.name,
      lane: 'points',
      look: point.state,
      at: Date.parse(point.at),
      says: pointSays(point),
    }),
  )
  const ofBackups = place.backups.map(
    (backup): Mark => ({
      key: backup.label,
      lane: 'backups',
      look: backup.error ? 'damaged' : backup.kind === 'full' ? 'full' : 'part',
      at: Date.parse(backup.endedAt),
      says: backupSays(backup),
    }),
  )
  return [...ofPoints, ...ofBackups].sort((a, b) => a.at - b.at)
}

/** How many backups there are of each kind: '3 full, 12 differential'. */
export function kindsOf(backups: readonly Backup[]): string {
  const kinds = [...Map.groupBy(backups, backup => backup.kind)]
  return kinds.map(([kind, of]) => `${of.length} ${BACKUP_KINDS[kind]}`).join(', ') || count(0, 'backup')
}
