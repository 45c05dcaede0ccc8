import type { Clock } from '../../kernel/clock.ts'
import { iso } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { type Place, placeAddress } from '../places/place.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { continuous, recoverableWindow, type Span } from './due.ts'
import { isGoodAt, sayMissing } from './missing.ts'
import { createPlacesSeen, type PlaceSeen } from './places-seen.ts'
import type { Point } from './point.ts'
import type { AppKeeping, Keeping } from './ports.ts'
import type { PointStore } from './store.ts'
import type { BackupPlace, Backups as BackupsView, RestorePoint } from './wire.ts'

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms))

interface Asked {
  /** null: it is not asked about. */
  keeper: Keeping | null
  points: PointStore
  alarms: readonly Alarm[]
  /** Whether places are shown as they were when they were last asked, and asked again beside. */
  soon: boolean
}

interface OfApp {
  ports: AppKeeping
  archivedAt(): number | null
}

/** A place, with what the keeper knows of it and how it is asked for the rest. */
interface Look {
  told: Omit<BackupPlace, keyof Content | 'problem' | 'seenAt' | 'asking'>
  key: string
  address: string
  changedAt: number
  content(): Promise<Content>
}

/** Reports what can be restored of these apps. */
export function createReport(clock: Clock) {
  const places = createPlacesSeen<Content>(clock)
  const viewsOf = rememberedViews()
  return async (apps: readonly OfApp[], { keeper, points, alarms, soon }: Asked): Promise<BackupsView> => {
    const ofApps = apps.map(({ ports, archivedAt }) =>
      looksOf(ports, place => content(ports, place, archivedAt())),
    )
    const own = keeper === null ? [] : [looksOf(keeper, place => keeperContent(keeper, place))]
    const looks = (await Promise.all([...ofApps, ...own])).flat()
    const seen = await places.of(looks, { soon })
    if (keeper !== null) places.keepOnly(new Set(looks.map(look => look.key)))
    const shown = looks.map((look, n) => placeView(look, seen[n]!))
    return { places: shown, points: await viewsOf(points), alarms: [...alarms] }
  }
}

/** Shows points again as they were shown, until one has changed: a thousand of them take longer than all the rest of a page. */
function rememberedViews() {
  const known = new WeakMap<PointStore, { version: string; views: RestorePoint[] }>()
  return async (points: PointStore): Promise<RestorePoint[]> => {
    const version = points.version()
    const before = known.get(points)
    if (before?.version === version) return before.views
    const views = (await points.list()).map(pointView)
    known.set(points, { version, views })
    return views
  }
}

const placeView = (
  { told }: Look,
  { at, content: found, problem, asking }: PlaceSeen<Content>,
): BackupPlace => ({ ...told, ...(found ?? EMPTY), problem, seenAt: isoOrNull(at), asking })

type Content = Awaited<ReturnType<typeof content>>

async function looksOf(ports: Keeping, contentOf: (place: Place) => Promise<Content>): Promise<Look[]> {
  const points = await ports.points.recent()
  const { places, schedule } = await ports.policy()
  const changedAt = Math.max(0, ...points.map(point => point.endedAt ?? 0))
  return places.map(place => {
    const good = points.find(p => isGoodAt(p, place.name) && p.parts.some(part => part.place === place.name))
    return {
      key: JSON.stringify([ports.app, place.name, placeAddress(place)]),
      address: placeAddress(place),
      changedAt,
      content: () => contentOf(place),
      told: {
        ...{ app: ports.app, name: place.name, kind: place.kind, address: placeAddress(place), schedule },
        lastGood: isoOrNull(good?.endedAt ?? null),
      },
    }
  })
}

const EMPTY: Content = { window: null, backups: [], snapshots: 0, storedBytes: 0 }

const keeperContent = async (ports: Pick<Keeping, 'snapshots'>, place: Place): Promise<Content> => ({
  ...EMPTY,
  snapshots: (await ports.snapshots.list(place)).length,
})

async function content(ports: AppKeeping, place: Place, archivedAt: number | null) {
  const hasCluster = (await ports.cluster.expected()) !== null
  const [snapshots, backups, { segments }] = await Promise.all([
    ports.snapshots.list(place),
    hasCluster ? ports.physical.list(place) : [],
    hasCluster ? ports.physical.archive(place) : { segments: [] },
  ])
  const last = segments.at(-1)
  // The place itself is asked when no cluster tells: its files may be gone, or nothing was archived since its recovery.
  const until = archivedAt ?? (last === undefined ? null : await ports.physical.arrivedAt(place, last))
  const window = recoverableWindow(continuous(backups, segments), until, hasCluster ? await ports.lost() : [])
  return {
    window: window === null ? null : { ...spanView(window), lost: window.lost.map(spanView) },
    backups: backups.map(backupView).reverse(),
    snapshots: snapshots.length,
    storedBytes: backups.reduce((sum, b) => sum + b.storedBytes, 0),
  }
}

const spanView = ({ from, to }: Span) => ({ from: iso(from), to: iso(to) })

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
