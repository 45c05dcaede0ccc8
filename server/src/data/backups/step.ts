import type { Sentences } from '../../engine/plan.ts'
import { count, list } from '../../kernel/words.ts'
import type { Retention } from './rule.ts'

interface OfPoint {
  point: string
  place: string
}

/** What is to be removed from a place because it is too old. */
export interface Removal {
  place: string
  backups: readonly string[]
  snapshots: readonly string[]
}

/** Everything that makes or removes backups, as data. Each may run twice. */
export type BackupStep =
  | { kind: 'places.ready'; point: string; places: readonly string[] }
  | { kind: 'point.begin'; point: string; by: 'schedule' | 'person'; places: readonly string[] }
  | { kind: 'point.mark'; point: string }
  | { kind: 'point.fail'; point: string }
  | { kind: 'point.prove'; point: string; places: readonly string[] }
  | { kind: 'point.tell'; point: string }
  | (OfPoint & { kind: 'backup.cluster'; how: 'full' | 'auto' })
  | (OfPoint & { kind: 'backup.files'; app: string })
  | (OfPoint & { kind: 'backup.redis'; app: string })
  | (OfPoint & { kind: 'backup.dump'; app: string })
  | (OfPoint & { kind: 'backup.releases'; app: string })
  | (OfPoint & { kind: 'backup.keeper' })
  | { kind: 'backup.verify'; place: string }
  | ({ kind: 'backup.retain'; point: string; keep: Retention } & Removal)

export const backupSentences: Sentences<BackupStep> = {
  'places.ready': s => `make sure that ${s.places.join(', ')} can be written to`,
  'point.begin': s => `begin the restore point ${s.point}`,
  'point.mark': s => `name the moment ${s.point}, and count the rows of all tables`,
  'point.fail': s => `note that ${s.point} is not complete`,
  'point.prove': s => `check that everything arrived at ${s.places.join(', ')}`,
  'point.tell': s => `say what is missing in ${s.point}`,
  'backup.cluster': s => `back up PostgreSQL to ${s.place}${s.how === 'full' ? ', in full' : ''}`,
  'backup.files': s => `keep the files of ${s.app} at ${s.place}`,
  'backup.redis': s => `keep the Redis of ${s.app} at ${s.place}`,
  'backup.dump': s => `dump the database of ${s.app} to ${s.place}`,
  'backup.releases': s => `keep the releases of ${s.app} at ${s.place}`,
  'backup.keeper': s => `keep the keeper's own state at ${s.place}`,
  'backup.verify': s => `read every stored byte at ${s.place}`,
  'backup.retain': s =>
    s.backups.length + s.snapshots.length === 0
      ? `nothing at ${s.place} is old enough to be removed`
      : `remove ${list([...s.backups, ...(s.snapshots.length === 0 ? [] : [count(s.snapshots.length, 'snapshot')])])} at ${s.place}, which are too old`,
}
