import { appLock, backupLock } from '../../apps/app/names.ts'
import { started, stopped } from '../../apps/deploys/pause.ts'
import type { DeployStep } from '../../apps/deploys/step.ts'
import type { World } from '../../apps/deploys/world.ts'
import type { Release } from '../../apps/releases/release.ts'
import { synchronousFolder } from '../../config/backups.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Target } from '../repositories/physical.ts'
import type { Aside } from './aside.ts'
import type { Names, RestoreStep, SwapRecord } from './step.ts'

export type Steps = DeployStep | RestoreStep
type Pairs = Array<Plan<Steps>['steps'][number]>

/** The moment to return to, and the place that has it. */
export interface Chosen {
  place: string
  target: Target
  /** Milliseconds since 1970. */
  at: number
  /** The moment in words: `2026-11-20 10:00:00 +01:00`, `the restore point …`. */
  says: string
  /** Snapshots of the same restore point that are restored too. */
  snapshots: ReadonlyArray<{ of: 'files' | 'redis'; id: string }>
  notices: readonly string[]
}

/** A dump of a database that Innkeeper does not run. */
export interface ChosenDump extends Omit<Chosen, 'target'> {
  dump: { id: string; bytes: number }
}

/** Files and Redis, of an app without a database or beside one that stays as it is. */
export interface ChosenFiles extends Omit<Chosen, 'target'> {
  /** Bytes of the snapshots. */
  bytes: number
}

type AnyChosen = Chosen | ChosenDump | ChosenFiles

export interface RestoreWish {
  chosen: AnyChosen
  names: Names
  /** Whether to run the release step on the restored data. */
  migrate: boolean
}

/**
 * The app serves while the data is restored beside and compared. It is stopped only while the two change places: data
 * folders of its cluster, or databases on the server of its url.
 */
export function planRestore(
  world: World,
  current: Release | null,
  { chosen, names, migrate }: RestoreWish,
): Plan<Steps> {
  const app = world.app.name
  const of = { app, ...names }
  const { place, says } = chosen
  const runs = world.app.state === 'running' && current !== null
  const release = current?.id ?? null
  const steps: Pairs = [
    ...broughtBeside(of, chosen, release),
    ...chosen.snapshots.map(s => ({
      does: { kind: 'restore.files', ...of, place, snapshot: s.id, of: s.of } as const,
      undo: null,
    })),
    ...(runs ? stopped(world, current) : []),
    ...swapped(of, chosen),
    ...(names.alone ? [] : streamed(app, current)),
    ...(migrate && current !== null ? [migration(app, current)] : []),
    ...(runs ? started(world, current).steps : []),
  ]
  return {
    kind: 'restore',
    title: `restore ${app} to ${says}`,
    app,
    release,
    locks: [appLock(app), backupLock(app)],
    steps,
    cleanup: [
      ...('bytes' in chosen ? [] : [{ kind: 'copy.remove', app, copy: names.copy } as const]),
      ...keptLog(app, names, names.aside),
      ...(runs ? started(world, current).cleanup : []),
      ...told(app, names, migrate ? null : release),
    ],
    notices: [
      ...chosen.notices,
      ...(runs ? [`${app} answers 503 only while the restored data takes the place of the old`] : []),
      `what ${app} has now stays beside, until: \`inn restore discard ${app}\``,
    ],
  }
}

type Of = { app: string } & Names

/** Brings the database beside what is there, and compares it. */
function broughtBeside(of: Of, chosen: AnyChosen, release: string | null): Pairs {
  if ('dump' in chosen) return fromDump(of, chosen, release)
  if ('target' in chosen) return fromCluster(of, chosen, release)
  const { app } = of
  const check = { kind: 'restore.check-files', app, bytes: chosen.bytes } as const
  return [{ does: check, undo: { kind: 'restore.drop-fresh', ...of } }]
}

function fromCluster(of: Of, chosen: Chosen, release: string | null): Pairs {
  const { place, target, at, says } = chosen
  const { app, copy } = of
  const point = target.kind === 'point' ? target.name : null
  return [
    { does: { kind: 'restore.check', app, place, target, at }, undo: null },
    {
      does: { kind: 'restore.fetch', app, place, target, copy, says, replaces: true },
      undo: { kind: 'copy.remove', app, copy },
    },
    { does: { kind: 'restore.reach', app, copy, says }, undo: null },
    { does: { kind: 'restore.prove', app, copy, point, release }, undo: null },
    { does: { kind: 'restore.settle', ...of }, undo: { kind: 'restore.drop-fresh', ...of } },
  ]
}

function fromDump(of: Of, { place, dump }: ChosenDump, release: string | null): Pairs {
  const { app, copy } = of
  return [
    { does: { kind: 'restore.check-dump', app, bytes: dump.bytes }, undo: null },
    {
      does: { kind: 'restore.fetch-dump', app, place, snapshot: dump.id, copy },
      undo: { kind: 'copy.remove', app, copy },
    },
    { does: { kind: 'restore.fill', ...of }, undo: { kind: 'restore.drop-fresh', ...of } },
    { does: { kind: 'restore.verify', ...of, release }, undo: null },
  ]
}

function swapped(of: Of, { says, at, snapshots }: AnyChosen): Pairs {
  const record = { says, at, snapshots: snapshots.map(s => s.of) }
  return [
    of.alone
      ? { does: { kind: 'restore.note', ...of, record }, undo: { kind: 'restore.forget', ...of } }
      : { does: { kind: 'restore.swap', ...of, record }, undo: { kind: 'restore.swap-back', ...of } },
    ...snapshots.map(s => ({
      does: { kind: 'restore.files-swap', ...of, of: s.of } as const,
      undo: { kind: 'restore.files-back', ...of, of: s.of } as const,
    })),
  ]
}

/** The log of a cluster's files that serve no more, up to their last moment. */
const keptLog = (app: string, { url, alone }: Names, name: string): Steps[] =>
  url || alone ? [] : [{ kind: 'restore.keep-log', app, name }]

/** Past the point of no return: what the release would still need is left over, and no reason to take the restore back. */
const told = (app: string, { url, alone }: Names, release: string | null): Steps[] =>
  alone || release === null ? [] : [{ kind: 'restore.tell', app, release, ...(url && { url }) }]

/** Data that was put in place has no replication slot, so with `rpo: 0` streaming begins anew, before anything is written. */
const streamed = (app: string, current: Release | null): Pairs =>
  current === null || synchronousFolder(current.config) === null
    ? []
    : [{ does: { kind: 'database.stream-back', app }, undo: null }]

const migration = (app: string, current: Release): Pairs[number] => ({
  does: {
    kind: 'release.migrate',
    app,
    release: current.id,
    command: current.config.release?.command.join(' ') ?? 'migrations',
  },
  undo: null,
})

/** Plans to return to what the app had before its last restore. The restored data is deleted. */
export function planUndo(
  world: World,
  current: Release | null,
  { names, record }: { names: Names; record: SwapRecord },
): Plan<Steps> {
  const app = world.app.name
  const of = { app, ...names }
  const runs = world.app.state === 'running' && current !== null
  return {
    kind: 'restore-undo',
    title: `take back the restore of ${app} to ${record.says}`,
    app,
    release: current?.id ?? null,
    locks: [appLock(app), backupLock(app)],
    steps: [
      ...(runs ? stopped(world, current) : []),
      names.alone
        ? { does: { kind: 'restore.forget', ...of }, undo: { kind: 'restore.note', ...of, record } }
        : {
            does: { kind: 'restore.swap-back', ...of },
            undo: { kind: 'restore.swap', ...of, record, again: true },
          },
      ...record.snapshots.map(kind => ({
        does: { kind: 'restore.files-back', ...of, of: kind } as const,
        undo: { kind: 'restore.files-swap', ...of, of: kind } as const,
      })),
      ...(names.alone ? [] : streamed(app, current)),
      ...(runs ? started(world, current).steps : []),
    ],
    cleanup: [
      ...keptLog(app, names, names.fresh),
      { kind: 'restore.drop-fresh', ...of },
      ...(runs ? started(world, current).cleanup : []),
    ],
    notices: [`what was written since the restore goes with it`],
  }
}

/** Plans to delete for good what was put aside. */
export const planDiscard = ({ app, of, aside, url, alone }: Aside): Plan<Steps> => ({
  kind: 'restore-discard',
  title:
    of === 'restore'
      ? `discard what ${app} had before its restore`
      : `discard what was left of the PostgreSQL of ${app} before its recovery`,
  app,
  release: null,
  locks: [appLock(app)],
  steps: [],
  cleanup: [{ kind: 'restore.discard', app, aside, ...(url && { url }), ...(alone && { alone }) }],
  notices: ['nothing brings it back but a backup'],
})
