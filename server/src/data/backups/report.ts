import { describe, Failure } from '../../kernel/failure.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { type Place, placeAddress } from '../places/place.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { continuous, recoverableWindow } from './due.ts'
import { isGoodAt, sayMissing } from './missing.ts'
import type { Point } from './point.ts'
import type { AppKeeping, Keeping } from './ports.ts'
import type { PointStore } from './store.ts'
import type { BackupPlace, Backups as BackupsView, RestorePoint } from './wire.ts'

const iso = (ms: number): string => new Date(ms).toISOString()
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

/** Owners whose places are asked at the same time: each place takes three programs. */
const AT_ONCE = 3

interface Asked {
  /** null: it is not asked about. */
  keeper: Keeping | null
  points: PointStore
  alarms: readonly Alarm[]
}

/** What can be restored of these apps. The places themselves are asked each time. */
export async function report(
  apps: ReadonlyArray<{ ports: AppKeeping; archivedAt(): number | null }>,
  { keeper, points, alarms }: Asked,
): Promise<BackupsView> {
  const ask = apps.map(({ ports, archivedAt }) => () => {
    return placesOf(ports, place => content(ports, place, archivedAt()))
  })
  if (keeper !== null) ask.push(() => placesOf(keeper, place => keeperContent(keeper, place)))
  const places: BackupPlace[] = []
  for (let n = 0; n < ask.length; n += AT_ONCE)
    places.push(...(await Promise.all(ask.slice(n, n + AT_ONCE).map(one => one()))).flat())
  return { places, points: (await points.list()).map(pointView), alarms: [...alarms] }
}

type Content = Awaited<ReturnType<typeof content>>

async function placesOf(
  ports: Keeping,
  contentOf: (place: Place) => Promise<Content>,
): Promise<BackupPlace[]> {
  const points = await ports.points.recent()
  const { places, schedule } = await ports.policy()
  return Promise.all(
    places.map(async place => {
      const good = points.find(
        p => isGoodAt(p, place.name) && p.parts.some(part => part.place === place.name),
      )
      const told = {
        ...{ app: ports.app, name: place.name, kind: place.kind, address: placeAddress(place), schedule },
        lastGood: isoOrNull(good?.endedAt ?? null),
      }
      try {
        return { ...told, ...(await inTime(ports, contentOf(place))) }
      } catch (error) {
        const { what, why } = describe(error)
        return { ...told, ...EMPTY, problem: `${what}: ${why}` }
      }
    }),
  )
}

const EMPTY = { problem: null, window: null, backups: [], snapshots: 0, storedBytes: 0 }

const keeperContent = async (ports: Pick<Keeping, 'snapshots'>, place: Place): Promise<Content> => ({
  ...EMPTY,
  snapshots: (await ports.snapshots.list(place)).length,
})

/** Longest wait for a place: a person waits, and the tools try an unreachable bucket for a minute. */
const PATIENCE_MS = 12_000

async function inTime<T>({ clock }: Pick<Keeping, 'clock'>, work: Promise<T>): Promise<T> {
  const given = new AbortController()
  work.catch(() => {}) // It may fail after the wait has ended.
  try {
    return await Promise.race([
      work,
      clock.sleep(PATIENCE_MS, given.signal).then(() => Promise.reject(silent())),
    ])
  } finally {
    given.abort(new Error('answered'))
  }
}

const silent = (): Failure =>
  new Failure('backup.place', 'the place does not answer', {
    why: `nothing came within ${PATIENCE_MS / 1000} s`,
    fix: 'check that it can be reached',
  })

async function content(ports: AppKeeping, place: Place, archivedAt: number | null) {
  const hasCluster = (await ports.cluster.expected()) !== null
  const [snapshots, backups, { segments }] = await Promise.all([
    ports.snapshots.list(place),
    hasCluster ? ports.physical.list(place) : [],
    hasCluster ? ports.physical.archive(place) : { segments: [] },
  ])
  const window = recoverableWindow(continuous(backups, segments), archivedAt)
  return {
    problem: null,
    window: window === null ? null : { from: iso(window.from), to: iso(window.to) },
    backups: backups.map(backupView).reverse(),
    snapshots: snapshots.length,
    storedBytes: backups.reduce((sum, b) => sum + b.storedBytes, 0),
  }
}

function backupView({ label, kind, prior, bytes, storedBytes, error, startedAt, endedAt }: PhysicalBackup) {
  return {
    ...{ label, kind, prior, bytes, storedBytes, error },
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
  }
}

/** What a good but incomplete restore point lacks, as text; null: nothing. */
function without({ missing, manifest }: Point): string | null {
  const tables = Object.entries(manifest).flatMap(([name, { uncounted = {} }]) =>
    Object.entries(uncounted).map(([table, why]) => `${table} of ${name} was not counted: ${why}`),
  )
  return [...missing.map(sayMissing), ...tables].join('\n') || null
}

export const pointView = (point: Point): RestorePoint => ({
  name: point.name,
  kind: point.kind,
  app: point.app,
  at: iso(point.at),
  endedAt: isoOrNull(point.endedAt),
  state: point.state,
  reason: point.reason ?? without(point),
  releases: { ...point.releases },
  missing: point.missing.map(part => ({ ...part })),
  parts: point.parts.map(({ of, place, id, ...more }) => ({
    ...{ of, place, id },
    bytes: 'bytes' in more ? more.bytes : null,
  })),
  counted: Object.fromEntries(
    Object.entries(point.manifest).map(([name, { exact, tables }]) => [
      name,
      { exact, tables: Object.keys(tables).length },
    ]),
  ),
})
