import { keptName } from '../../apps/app/names.ts'
import type { DeployStep } from '../../apps/deploys/step.ts'
import type { Plan } from '../../engine/plan.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import type { Snapshot } from '../repositories/snapshots.ts'
import type { RecoveryStep } from './step.ts'

export interface Lost {
  place: string
  /** The place whose log reaches furthest, with its newest backup and its last segment (null: there is none). null: no cluster ran. */
  cluster: { place: string; backup: PhysicalBackup | null; segment: string | null } | null
  /** `files`: it has some to keep. */
  apps: ReadonlyArray<{ name: string; files: boolean; redisPort: number | null }>
  /** What the place has, oldest first. */
  snapshots: readonly Snapshot[]
}

export const FOLDERS = ['releases', 'files', 'redis'] as const
type Folder = (typeof FOLDERS)[number]

export const newestOf = ({ snapshots }: Lost, app: string, of: Folder): Snapshot | null =>
  snapshots.findLast(s => s.of === keptName(app, of)) ?? null

/** All data of a server that is gone, from one place. Nothing is undone: nothing was there, and each step runs again. */
export function planRecovery(lost: Lost): Plan<RecoveryStep | DeployStep> {
  const { place, apps, cluster } = lost
  const steps = [
    ...(cluster?.backup == null ? [] : [{ kind: 'recover.cluster', place: cluster.place } as const]),
    ...apps.flatMap(({ name: app, redisPort }) => [
      ...FOLDERS.flatMap(of => {
        const snapshot = newestOf(lost, app, of)?.id
        return snapshot === undefined ? [] : [{ kind: 'recover.folder', app, place, snapshot, of } as const]
      }),
      ...(redisPort === null ? [] : [{ kind: 'redis.provide', app, port: redisPort } as const]),
    ]),
  ]
  return {
    kind: 'recover',
    title: `recover this server from ${place}`,
    app: null,
    release: null,
    locks: ['backups', ...apps.map(({ name }) => `app:${name}`)],
    steps: steps.map(does => ({ does, undo: null })),
    cleanup: [],
    notices: missing(lost),
  }
}

/** What the server had and the place has not. */
function missing(lost: Lost): string[] {
  const { place, cluster } = lost
  const lacks = (app: string, of: Folder): boolean => newestOf(lost, app, of) === null
  return [
    ...(cluster?.backup === null
      ? ['no place has a backup of PostgreSQL: its databases do not come back']
      : []),
    ...lost.apps.flatMap(({ name, files, redisPort }) => [
      ...(lacks(name, 'releases')
        ? [`${place} has no releases of ${name}: it has to be deployed again`]
        : []),
      ...(files && lacks(name, 'files') ? [`${place} has no files of ${name}: they do not come back`] : []),
      ...(redisPort !== null && lacks(name, 'redis')
        ? [`${place} has no Redis keys of ${name}: its Redis begins empty`]
        : []),
    ]),
  ]
}

/** The cluster alone, on the server that it ran on: its files are gone, or broken. What is left of them stays. */
export function planDatabase(
  place: string,
  apps: readonly string[],
  { data, aside }: { data: string; aside: string },
): Plan<RecoveryStep> {
  return {
    kind: 'recover',
    title: `restore PostgreSQL from ${place}`,
    app: null,
    release: null,
    locks: ['backups', ...apps.map(name => `app:${name}`)],
    steps: [
      { does: { kind: 'recover.aside', data, aside }, undo: { kind: 'recover.back', data, aside } },
      { does: { kind: 'recover.cluster', place }, undo: null },
    ],
    cleanup: [],
    notices: [
      'the databases of all apps return to the last archived moment, a minute ago at most if archiving went well',
      `what is left of the files stays in ${aside}, and takes its room until somebody deletes it`,
    ],
  }
}
