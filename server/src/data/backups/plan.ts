import type { Plan } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import type { Policy } from '../places/policy.ts'
import type { BackupStep, Removal } from './step.ts'

/** What is to be backed up, as it was observed. */
export interface Subject {
  /** Innkeeper's own cluster runs here. */
  cluster: boolean
  apps: ReadonlyArray<{ name: string; files: boolean; redis: boolean; dump: boolean }>
  policy: Policy
  /** What will be too old once this backup is there. */
  removals: readonly Removal[]
}

export interface BackupWish {
  point: string
  by: 'schedule' | 'person'
  how: 'full' | 'auto'
  /** Names of the places to back up to; null: all places. */
  places: readonly string[] | null
}

/** Plans a restore point of everything: copy the cluster, name the moment, keep the rest, prove that all of it is there. */
export function planBackup(subject: Subject, wish: BackupWish): Plan<BackupStep> {
  const { point } = wish
  const places = subject.policy.places.map(p => p.name).filter(name => wish.places?.includes(name) ?? true)
  const steps: BackupStep[] = [
    { kind: 'places.ready', point, places },
    // The cluster is copied before the moment is named: WAL replay takes a copy forward to the moment, never back.
    ...(subject.cluster
      ? places.map(place => ({ kind: 'backup.cluster', point, place, how: wish.how }) as const)
      : []),
    { kind: 'point.mark', point },
    ...places.flatMap(place => [
      ...subject.apps.flatMap(app => partsOf(app, point, place)),
      { kind: 'backup.keeper', point, place } as const,
    ]),
    { kind: 'point.prove', point, places },
  ]
  const begin: BackupStep = { kind: 'point.begin', point, by: wish.by, places }
  return {
    kind: 'backup',
    title: `backup ${point}`,
    app: null,
    release: null,
    locks: ['backups'],
    steps: [
      { does: begin, undo: { kind: 'point.fail', point } },
      ...steps.map(does => ({ does, undo: null })),
    ],
    cleanup: [
      ...subject.removals
        .filter(removal => places.includes(removal.place))
        .map(removal => ({ kind: 'backup.retain', point, keep: subject.policy.keep, ...removal }) as const),
      { kind: 'point.tell', point },
    ],
    notices: [],
  }
}

/** Plans to read every stored byte of these places against its checksum. Deletes and writes nothing. */
export function planVerify(places: readonly string[]): Plan<BackupStep> {
  return {
    kind: 'verify',
    title: `verify the backups at ${list(places)}`,
    app: null,
    release: null,
    locks: ['backups'],
    steps: places.map(place => ({ does: { kind: 'backup.verify', place }, undo: null })),
    cleanup: [],
    notices: [],
  }
}

function partsOf(app: Subject['apps'][number], point: string, place: string): BackupStep[] {
  const of = { point, place, app: app.name }
  return [
    ...(app.files ? [{ kind: 'backup.files', ...of } as const] : []),
    ...(app.redis ? [{ kind: 'backup.redis', ...of } as const] : []),
    ...(app.dump ? [{ kind: 'backup.dump', ...of } as const] : []),
    { kind: 'backup.releases', ...of },
  ]
}
