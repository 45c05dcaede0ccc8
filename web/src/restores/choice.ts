import type { z } from 'zod'
import type { Backups, PhysicalBackup, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { CopyRequest } from '../../../server/src/data/copies/wire.ts'
import { RestoreRequest, TableRequest } from '../../../server/src/data/restores/wire.ts'
import type { Wanted } from '../changes/queries.ts'

/** All that is of the app, a part of it alone, single tables while it serves, or a copy to look at. */
export type What = 'app' | Part | 'tables' | 'copy'
/** What can come back alone, and the rest stays. */
type Part = 'files' | 'redis'
/** What is done with rows of single tables: only compare them, bring the missing ones back, or keep them as they were. */
export type Rows = 'compare' | 'merge' | 'table' | 'csv'
type Way = 'moment' | 'point' | 'backup'

/** What a person chose to restore. */
export interface Choice {
  app: string
  what: What
  /** Names of tables with commas in between. */
  tables: string
  rows: Rows
  /** Name of the table for the rows as they were. */
  newTable: string
  copyName: string
  copyHours: string
  way: Way
  /** In the format of the browser's field: `2026-11-20T10:00:05`, in the reader's time zone. */
  moment: string
  point: string
  backup: string
  migrate: boolean
}

interface Span {
  from: number
  to: number
}

/** What can be chosen. */
export interface Offer {
  /** Milliseconds since 1970; `lost`: times of which no moment can be restored. null: none at all can. */
  window: (Span & { lost: Span[] }) | null
  /** Whether the app has a cluster of its own: single tables and copies to look at come from its files. */
  cluster: boolean
  /** What of the app its restore points hold besides, which can come back alone. */
  parts: Part[]
  /** Restore points, newest first. */
  points: RestorePoint[]
  backups: Array<z.infer<typeof PhysicalBackup>>
}

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/**
 * What can be chosen. The window reaches until now, because a restore first waits until everything is archived. Without a
 * cluster, a moment means the newest point until then.
 */
export function offerOf({ places, points }: Backups, now: number): Offer {
  const windows = places.flatMap(({ window }) => (window === null ? [] : [Date.parse(window.from)]))
  const from = Math.min(...(windows.length > 0 ? windows : points.flatMap(wholeSince)))
  // The cluster lost them, so they are the same at every place.
  const lost = (places.find(place => place.window !== null)?.window?.lost ?? []).map(span => ({
    from: Date.parse(span.from),
    to: Date.parse(span.to),
  }))
  const backups = places.flatMap(place => place.backups.filter(backup => !backup.error))
  const byLabel = new Map(backups.map(backup => [backup.label, backup]))
  return {
    cluster: backups.length > 0 || windows.length > 0,
    parts: (['files', 'redis'] as const).filter(part =>
      points.some(point => point.parts.some(({ of }) => of.endsWith(`/${part}`))),
    ),
    window: Number.isFinite(from) ? { from, to: now, lost } : null,
    points: points.filter(({ state }) => state === 'good' || state === 'marked'),
    backups: [...byLabel.values()].sort((a, b) => b.endedAt.localeCompare(a.endedAt)),
  }
}

/** When a point without a cluster had ended, if it has data of the app. */
const wholeSince = ({ state, endedAt, parts }: RestorePoint): number[] =>
  state === 'good' && endedAt !== null && parts.some(hasData) && !parts.some(({ of }) => of === 'cluster')
    ? [Date.parse(endedAt)]
    : []

const hasData = ({ of }: { of: string }): boolean => /\/(files|redis|dump)$/.test(of)

const BACK = 5 * 60_000

export function firstChoice(app: string, offer: Offer, point: string | null): Choice {
  const { window } = offer
  return {
    app,
    what: 'app',
    tables: '',
    rows: 'compare',
    newTable: '',
    copyName: 'look',
    copyHours: '24',
    way: firstWay(offer, point),
    moment: window === null ? '' : localField(proposed(window)),
    point: point ?? offer.points[0]?.name ?? '',
    backup: offer.backups[0]?.label ?? '',
    migrate: false,
  }
}

/** Some minutes ago, where that can be restored. */
function proposed({ from, to, lost }: NonNullable<Offer['window']>): number {
  const at = Math.max(from + 1000, to - BACK)
  const gone = lost.find(span => span.from <= at && at < span.to)
  return gone === undefined ? at : gone.to + 1000
}

function firstWay({ window, points, backups }: Offer, point: string | null): Way {
  if (point !== null) return 'point'
  if (window !== null) return 'moment'
  return backups.length === 0 && points.length > 0 ? 'point' : 'backup'
}

/** Whether the change replaces or adds to what serves, so that the app's name is typed before. */
export const isGrave = ({ what, rows }: Choice): boolean =>
  what === 'app' || isPart(what) || (what === 'tables' && (rows === 'merge' || rows === 'table'))

const isPart = (what: What): what is Part => what === 'files' || what === 'redis'

const HOUR_MS = 3_600_000

/** The request for what was chosen. `exact`: the chosen one of two moments, when the clock showed the time twice. */
export function wantedOf(choice: Choice, exact: string | null): Wanted {
  const { app, what, way, moment, point, backup, migrate, rows } = choice
  const one = { moment: { to: exact ?? moment }, point: { point }, backup: { backup } }[way]
  const at = { ...one, zone: zone() }
  if (what === 'app')
    return { path: `/api/apps/${app}/restore`, request: RestoreRequest.parse({ ...at, migrate }) }
  if (isPart(what))
    return { path: `/api/apps/${app}/restore`, request: RestoreRequest.parse({ ...at, parts: [what] }) }
  if (what === 'copy') {
    const request = { ...at, name: choice.copyName, forMs: Number(choice.copyHours) * HOUR_MS }
    return { path: `/api/apps/${app}/copies`, request: CopyRequest.parse(request) }
  }
  const tables = choice.tables.split(',').flatMap(name => name.trim() || [])
  const does = {
    compare: {},
    merge: { merge: true },
    table: { copy: choice.newTable },
    csv: { csv: true },
  }[rows]
  return { path: `/api/apps/${app}/restore/tables`, request: TableRequest.parse({ ...at, tables, ...does }) }
}

/** A moment in the format of a date and time field, down to the second. */
export function localField(at: number): string {
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day}T${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}
