import { backupLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Policy } from '../places/policy.ts'
import type { BackupStep, Removal } from './step.ts'

/** What of one app is to be backed up, as it was observed. */
export interface Subject {
  app: string
  /** It has a cluster. */
  cluster: boolean
  files: boolean
  redis: boolean
  dump: boolean
  policy: Policy
  /** What will be too old once this backup is there. */
  removals: readonly Removal[]
}

/** The keeper's own state, which goes to these places. */
export interface KeeperSubject {
  places: readonly string[]
  keep: Policy['keep']
  removals: readonly Removal[]
}

export interface BackupWish {
  point: string
  by: 'schedule' | 'person'
  how: 'full' | 'auto'
  /** Names of the places to back up to; null: all places. */
  places: readonly string[] | null
}

/** Plans a restore point of one app: copy its cluster, name the moment, keep the rest, prove that all of it is there. */
export function planBackup(subject: Subject, wish: BackupWish): Plan<BackupStep> {
  const { app, policy } = subject
  const { point } = wish
  const places = policy.places.map(p => p.name).filter(name => wish.places?.includes(name) ?? true)
  const steps: BackupStep[] = [
    { kind: 'places.ready', app, point, places },
    // The cluster is copied before the moment is named: WAL replay takes a copy forward to the moment, never back.
    ...(subject.cluster
      ? places.map(place => ({ kind: 'backup.cluster', app, point, place, how: wish.how }) as const)
      : []),
    { kind: 'point.mark', app, point },
    ...places.flatMap(place => partsOf(subject, point, place)),
    { kind: 'point.prove', app, point, places },
  ]
  const begin: BackupStep = { kind: 'point.begin', app, point, by: wish.by, places }
  return {
    kind: 'backup',
    title: `backup ${point} of ${app}`,
    app,
    release: null,
    locks: [backupLock(app)],
    steps: [
      { does: begin, undo: { kind: 'point.fail', app, point } },
      ...steps.map(does => ({ does, undo: null })),
    ],
    cleanup: [
      ...subject.removals
        .filter(({ place }) => places.includes(place))
        .map(removal => ({ kind: 'backup.retain', app, point, keep: policy.keep, ...removal }) as const),
      { kind: 'point.tell', app, point },
    ],
    notices: [],
  }
}

/** Plans a restore point of the keeper's own state, which a new machine needs to make sense of the rest. */
export function planKeeper(
  { places, keep, removals }: KeeperSubject,
  { point, by }: Pick<BackupWish, 'point' | 'by'>,
): Plan<BackupStep> {
  const steps: BackupStep[] = [
    ...places.map(place => ({ kind: 'keeper.keep', point, place }) as const),
    { kind: 'keeper.prove', point, places },
  ]
  return {
    kind: 'backup',
    title: `backup ${point} of the keeper's own state`,
    app: null,
    release: null,
    locks: [backupLock('keeper')],
    steps: [
      { does: { kind: 'keeper.begin', point, by, places }, undo: { kind: 'keeper.fail', point } },
      ...steps.map(does => ({ does, undo: null })),
    ],
    cleanup: removals.map(removal => ({ kind: 'keeper.retain', point, keep, ...removal }) as const),
    notices: [],
  }
}

/** Plans to read every stored byte of an app, or of the keeper (null), at these places. */
export const planVerify = (app: string | null, places: readonly string[]): Plan<BackupStep> => ({
  kind: 'verify',
  title: `verify the backups of ${app ?? 'the keeper'} at ${places.join(', ')}`,
  app,
  release: null,
  locks: [backupLock(app ?? 'keeper')],
  steps: places.map(place => ({
    does: app === null ? { kind: 'keeper.verify', place } : { kind: 'backup.verify', app, place },
    undo: null,
  })),
  cleanup: [],
  notices: [],
})

function partsOf({ app, files, redis, dump }: Subject, point: string, place: string): BackupStep[] {
  const of = { point, place, app }
  return [
    ...(files ? [{ kind: 'backup.files', ...of } as const] : []),
    ...(redis ? [{ kind: 'backup.redis', ...of } as const] : []),
    ...(dump ? [{ kind: 'backup.dump', ...of } as const] : []),
    { kind: 'backup.releases', ...of },
  ]
}
