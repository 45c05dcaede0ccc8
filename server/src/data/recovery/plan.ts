import { appLock, backupLock, keptName } from '../../apps/app/names.ts'
import type { DeployStep } from '../../apps/deploys/step.ts'
import type { Plan } from '../../engine/plan.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import type { Snapshot } from '../repositories/snapshots.ts'
import type { ClusterAt, RecoveryStep } from './step.ts'

export interface Lost {
  /** Where the keeper's state came from. */
  place: string
  /** Apps of the server. */
  apps: readonly LostApp[]
}

export interface LostApp {
  name: string
  /** It has persistent folders. */
  files: boolean
  /** null: without a Redis. */
  redisPort: number | null
  /** What its PgBouncer is provided with; null: it has none. */
  pooler: Omit<Extract<DeployStep, { kind: 'pooler.provide' }>, 'kind' | 'app'> | null
  /** The place whose WAL reaches furthest, with its newest backup and last segment (null: it has none). null: the app had no cluster. */
  cluster: {
    place: string
    backup: PhysicalBackup | null
    segment: string | null
    /** The moment that the log reaches, about: milliseconds since 1970. null: not known. */
    reaches: number | null
  } | null
  /** The place that the app's snapshots come from, and those that it has, oldest first. */
  place: string
  snapshots: readonly Snapshot[]
}

export const FOLDERS = ['releases', 'files', 'redis'] as const
type Folder = (typeof FOLDERS)[number]

export const newestOf = ({ name, snapshots }: LostApp, of: Folder): Snapshot | null =>
  snapshots.findLast(s => s.of === keptName(name, of)) ?? null

/** Plans to bring back all data of a server that is gone. No step has an undo, because nothing was there before; each may run again. */
export function planRecovery(lost: Lost): Plan<RecoveryStep | DeployStep> {
  const { place, apps } = lost
  const clusters = apps.flatMap(({ name: app, cluster }) =>
    cluster?.backup == null ? [] : [{ app, place: cluster.place, backup: cluster.backup.label }],
  )
  const folders = apps.flatMap(one =>
    FOLDERS.flatMap(of => {
      const snapshot = newestOf(one, of)?.id
      return snapshot === undefined ? [] : [{ app: one.name, place: one.place, snapshot, of }]
    }),
  )
  const steps = [
    ...(clusters.length + folders.length === 0 ? [] : [{ kind: 'recover.data', clusters, folders } as const]),
    // A Redis starts with its keys in place.
    ...apps.flatMap(({ name: app, redisPort: port }) =>
      port === null ? [] : [{ kind: 'redis.provide', app, port } as const],
    ),
    // Without its cluster, the next deploy brings both.
    ...apps.flatMap(({ name: app, pooler, cluster }) =>
      pooler === null || cluster?.backup == null ? [] : [{ kind: 'pooler.provide', app, ...pooler } as const],
    ),
  ]
  return {
    kind: 'recover',
    title: `recover this server from ${place}`,
    app: null,
    release: null,
    locks: [backupLock('keeper'), ...apps.flatMap(({ name }) => [appLock(name), backupLock(name)])],
    steps: steps.map(does => ({ does, undo: null })),
    cleanup: [],
    notices: apps.flatMap(missing),
  }
}

/** Notices about data that an app had and the place does not have. */
function missing(app: LostApp): string[] {
  const { name, files, redisPort, cluster, place } = app
  const lacks = (of: Folder): boolean => newestOf(app, of) === null
  return [
    ...(cluster?.backup === null
      ? [`no place has a backup of the PostgreSQL of ${name}: its database does not come back`]
      : []),
    ...(lacks('releases') ? [`${place} has no releases of ${name}: it has to be deployed again`] : []),
    ...(files && lacks('files') ? [`${place} has no files of ${name}: they do not come back`] : []),
    ...(redisPort !== null && lacks('redis')
      ? [`${place} has no Redis keys of ${name}: its Redis begins empty`]
      : []),
  ]
}

/** Plans to bring back only the cluster of an app, on its own server, after its files were lost or broken. What is left of them is kept aside. */
export function planDatabase(at: ClusterAt, aside: string): Plan<RecoveryStep> {
  const { app, place } = at
  return {
    kind: 'recover',
    title: `restore the PostgreSQL of ${app} from ${place}`,
    app,
    release: null,
    locks: [appLock(app), backupLock(app)],
    steps: [
      { does: { kind: 'recover.aside', app, aside }, undo: { kind: 'recover.back', app, aside } },
      { does: { kind: 'recover.data', clusters: [at], folders: [] }, undo: null },
    ],
    cleanup: [],
    notices: [
      `the database of ${app} returns to the last archived moment, a minute ago at most if archiving went well`,
      `what is left of the files stays in ${aside}, and takes its room until: \`inn restore discard ${app}\``,
    ],
  }
}
