import type { Sentences } from '../../engine/plan.ts'
import { count, list } from '../../kernel/words.ts'
import type { PointKind } from './point.ts'
import type { Retention } from './rule.ts'

interface OfApp {
  app: string
}

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

/** Everything that makes or removes backups, as data. Each may run twice. The steps `keeper.*` are of the keeper's own state. */
export type BackupStep =
  | (OfApp & { kind: 'places.ready'; point: string; places: readonly string[] })
  | (OfApp & { kind: 'point.begin'; point: string; by: PointKind; places: readonly string[] })
  | (OfApp & { kind: 'point.mark'; point: string })
  | (OfApp & { kind: 'point.fail'; point: string })
  | (OfApp & { kind: 'point.prove'; point: string; places: readonly string[] })
  | (OfApp & { kind: 'point.tell'; point: string })
  | (OfApp & OfPoint & { kind: 'backup.cluster'; how: 'full' | 'auto' })
  | (OfApp & OfPoint & { kind: 'backup.files' })
  | (OfApp & OfPoint & { kind: 'backup.redis' })
  | (OfApp & OfPoint & { kind: 'backup.dump' })
  | (OfApp & OfPoint & { kind: 'backup.releases' })
  | (OfApp & { kind: 'backup.verify'; place: string })
  | (OfApp & Removal & { kind: 'backup.retain'; point: string; keep: Retention })
  | { kind: 'keeper.begin'; point: string; by: PointKind; places: readonly string[] }
  | { kind: 'keeper.fail'; point: string }
  | (OfPoint & { kind: 'keeper.keep' })
  | { kind: 'keeper.prove'; point: string; places: readonly string[] }
  | { kind: 'keeper.verify'; place: string }
  | (Removal & { kind: 'keeper.retain'; point: string; keep: Retention })

/** Steps of one app. */
export type AppStep = Extract<BackupStep, OfApp>
/** Steps of the keeper's own state. */
export type KeeperStep = Exclude<BackupStep, OfApp>

const removed = ({ place, backups, snapshots }: Removal, of: string): string =>
  backups.length + snapshots.length === 0
    ? `nothing of ${of} at ${place} is old enough to be removed`
    : `remove ${list([...backups, ...(snapshots.length === 0 ? [] : [count(snapshots.length, 'snapshot')])])} of ${of} at ${place}, which are too old`

export const backupSentences: Sentences<BackupStep> = {
  'places.ready': s => `make sure that ${s.places.join(', ')} can be written to`,
  'point.begin': s => `begin the restore point ${s.point} of ${s.app}`,
  'point.mark': s => `name the moment ${s.point}, and count the rows of all tables`,
  'point.fail': s => `note that ${s.point} is not complete`,
  'point.prove': s => `check that everything arrived at ${s.places.join(', ')}`,
  'point.tell': s => `say what is missing in ${s.point}`,
  'backup.cluster': s =>
    `back up the PostgreSQL of ${s.app} to ${s.place}${s.how === 'full' ? ', in full' : ''}`,
  'backup.files': s => `keep the files of ${s.app} at ${s.place}`,
  'backup.redis': s => `keep the Redis of ${s.app} at ${s.place}`,
  'backup.dump': s => `dump the database of ${s.app} to ${s.place}`,
  'backup.releases': s => `keep the releases of ${s.app} at ${s.place}`,
  'backup.verify': s => `read every stored byte of ${s.app} at ${s.place}`,
  'backup.retain': s => removed(s, s.app),
  'keeper.begin': s => `begin the restore point ${s.point} of the keeper's own state`,
  'keeper.fail': s => `note that ${s.point} is not complete`,
  'keeper.keep': s => `keep the keeper's own state at ${s.place}`,
  'keeper.prove': s => `check that the keeper's own state arrived at ${s.places.join(', ')}`,
  'keeper.verify': s => `read every stored byte of the keeper's own state at ${s.place}`,
  'keeper.retain': s => removed(s, "the keeper's own state"),
}
