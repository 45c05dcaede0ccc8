import { keptName } from '../../apps/app/names.ts'
import type { DeployStep } from '../../apps/deploys/step.ts'
import type { Plan } from '../../engine/plan.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import type { Snapshot } from '../repositories/snapshots.ts'
import type { RecoveryStep } from './step.ts'

export interface Lost {
  place: string
  /** The place whose WAL reaches furthest, with its newest backup and last segment (null: it has none). null: no cluster ran. */
  cluster: { place: string; backup: PhysicalBackup | null; segment: string | null } | null
  /** Apps of the server. `files`: the app has persistent folders; `redisPort`: null without a Redis. */
  apps: ReadonlyArray<{ name: string; files: boolean; redisPort: number | null }>
  /** Snapshots at the place, oldest first. */
  snapshots: readonly Snapshot[]
}

export const FOLDERS = ['releases', 'files', 'redis'] as const
type Folder = (typeof FOLDERS)[number]

export const newestOf = ({ snapshots }: Lost, app: string, of: Folder): Snapshot | null =>
  snapshots.findLast(s => s.of === keptName(app, of)) ?? null

/** Plans to bring back all data of a server that is gone. No step has an undo, because nothing was there before; each may run again. */
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

/** Notices about data that the server had and the place does not have. */
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

/** Plans to bring back only the cluster, on its own server, after its files were lost or broken. What is left of them is kept aside. */
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
