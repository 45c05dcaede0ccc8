import type { Snapshot } from '../backups/snapshots.ts'
import type { DeployStep } from '../deploys/step.ts'
import type { Plan } from '../engine/plan.ts'
import type { RecoveryStep } from './step.ts'

export interface Lost {
  place: string
  cluster: boolean
  apps: ReadonlyArray<{ name: string; redisPort: number | null }>
  /** What the place has, oldest first. */
  snapshots: readonly Snapshot[]
}

const FOLDERS = ['releases', 'files', 'redis'] as const

/** All data of a server that is gone, from one place. Nothing is undone: nothing was there, and each step runs again. */
export function planRecovery({ place, cluster, apps, snapshots }: Lost): Plan<RecoveryStep | DeployStep> {
  const newest = (of: string) => snapshots.findLast(s => s.of === of)?.id
  const steps = [
    ...(cluster ? [{ kind: 'recover.cluster', place } as const] : []),
    ...apps.flatMap(({ name: app, redisPort }) => [
      ...FOLDERS.flatMap(of => {
        const snapshot = newest(`${app}/${of}`)
        return snapshot === undefined ? [] : [{ kind: 'recover.folder', app, place, snapshot, of } as const]
      }),
      ...(redisPort === null ? [] : [{ kind: 'redis.provide', app, port: redisPort } as const]),
    ]),
  ]
  const lost = apps.filter(({ name }) => newest(`${name}/releases`) === undefined).map(({ name }) => name)
  return {
    kind: 'recover',
    title: `recover this server from ${place}`,
    app: null,
    release: null,
    locks: ['backups', ...apps.map(({ name }) => `app:${name}`)],
    steps: steps.map(does => ({ does, undo: null })),
    cleanup: [],
    notices: lost.map(name => `${place} has no releases of ${name}: it has to be deployed again`),
  }
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
