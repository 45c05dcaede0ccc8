import { count, list } from '../../kernel/words.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'

/** How many days, weeks and months keep a backup. Only those that have a good one are counted. */
export interface Retention {
  daily: number
  weekly: number
  monthly: number
}

export interface RetentionPlan {
  keep: Array<{ label: string; why: string }>
  /** In the order of removal: a backup comes before the one that it builds on. */
  remove: Array<{ label: string; why: string }>
  /** How many of the newest kept backups need all WAL from their start on; null: no WAL may go. */
  walOf: number | null
}

export interface Snapped {
  id: string
  /** What it holds: `shop/files`, `keeper/state`. */
  of: string
  /** Milliseconds since 1970. */
  at: number
}

export interface SnapshotPlan {
  keep: Array<{ id: string; why: string }>
  remove: Array<{ id: string; why: string }>
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** A backup counts as dated in the future when it is further ahead of the clock than this. */
const CLOCK_TOLERANCE = HOUR

export const isFuture = (at: number, now: number): boolean => at > now + CLOCK_TOLERANCE

/** A backup or snapshot, as `choose` sees it. */
interface Dated {
  id: string
  at: number
  /** It builds on no other one. */
  whole: boolean
}

interface Choice {
  /** Id → why it is kept. */
  kept: Map<string, string>
  /** Ids that the daily count keeps, and the newest one. */
  daily: string[]
}

/** What stays at one place. `backups`: all that the place has. */
export function planRetention(
  backups: readonly PhysicalBackup[],
  retention: Retention,
  now: number,
): RetentionPlan {
  const good = goodOf(backups)
  const chosen = choose(good.map(dated), retention, now)
  const bad = choose(notMended(backups, good, now).map(dated), { ...retention, weekly: 0, monthly: 0 }, now)
  const kept = new Map([
    ...[...bad.kept.keys()].map(label => [label, 'nothing good is newer'] as const),
    ...chosen.kept,
  ])
  for (const label of priorsOf([...kept.keys()], backups))
    if (!kept.has(label)) kept.set(label, 'newer ones depend on it')
  const keep = backups.flatMap(({ label }) => (kept.has(label) ? [{ label, why: kept.get(label)! }] : []))
  const remove = backups
    .filter(({ label }) => !kept.has(label))
    .map(backup => ({ label: backup.label, why: whyRemoved(backup, good.includes(backup), retention) }))
    .sort((a, b) => (a.label < b.label ? 1 : -1))
  return { keep, remove, walOf: walOf(chosen.daily, keep) }
}

/** The same for snapshots, none of which builds on another. Each `of` is counted on its own. */
export function snapshotRetention(
  items: readonly Snapped[],
  retention: Retention,
  now: number,
): SnapshotPlan {
  const kept = new Map<string, string>()
  for (const group of Map.groupBy(items, item => item.of).values()) {
    const chosen = choose(
      group.map(({ id, at }) => ({ id, at, whole: true })),
      retention,
      now,
    )
    for (const [id, why] of chosen.kept) kept.set(id, why)
  }
  return {
    keep: items.flatMap(({ id }) => (kept.has(id) ? [{ id, why: kept.get(id)! }] : [])),
    remove: items.filter(({ id }) => !kept.has(id)).map(({ id }) => ({ id, why: olderThan(retention) })),
  }
}

/** Backups without page errors, whose chain of prior backups is complete. */
export function goodOf(backups: readonly PhysicalBackup[]): PhysicalBackup[] {
  const priors = new Map(backups.map(({ label, prior }) => [label, prior]))
  const hasAll = (label: string | null): boolean =>
    label === null || (priors.has(label) && hasAll(priors.get(label)!))
  return backups.filter(backup => !backup.error && hasAll(backup.label))
}

/** Bad backups that no good one has followed yet: they may be all that there is of these days. */
function notMended(
  backups: readonly PhysicalBackup[],
  good: readonly PhysicalBackup[],
  now: number,
): PhysicalBackup[] {
  const newest = Math.max(...good.map(({ endedAt }) => endedAt).filter(at => !isFuture(at, now)))
  return backups.filter(backup => !good.includes(backup) && backup.endedAt > newest)
}

/** Labels of all backups that these build on, directly or not. */
function priorsOf(labels: readonly string[], backups: readonly PhysicalBackup[]): string[] {
  const priors = new Map(backups.map(({ label, prior }) => [label, prior]))
  const chain = (label: string): string[] => {
    const prior = priors.get(label) ?? null
    return prior !== null && priors.has(prior) ? [prior, ...chain(prior)] : []
  }
  return labels.flatMap(chain)
}

/**
 * How many of the newest kept backups pgBackRest must keep all WAL for. pgBackRest refuses a backup whose label is not
 * later than all before it, so the order of labels is the order of the WAL, whatever the clock said. It removes WAL
 * that is older than the oldest backup in this count.
 */
function walOf(daily: readonly string[], keep: RetentionPlan['keep']): number | null {
  const oldest = daily.toSorted()[0]
  return oldest === undefined ? null : keep.filter(({ label }) => label >= oldest).length
}

/**
 * Counts days, weeks and months that have something, back from the newest, so that a clock that jumps ahead makes
 * nothing old. What is dated in the future is counted separately: 30 days of it would leave no room for today's. When
 * the clock is wrong now instead, counting separately only keeps more.
 */
function choose(items: readonly Dated[], retention: Retention, now: number): Choice {
  const parts = [...Map.groupBy(items, item => isFuture(item.at, now)).values()].map(part =>
    chooseOf(part, retention),
  )
  return {
    kept: new Map(parts.flatMap(part => [...part.kept])),
    daily: parts.flatMap(part => part.daily),
  }
}

function chooseOf(items: readonly Dated[], { daily, weekly, monthly }: Retention): Choice {
  const newestFirst = items.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
  const newest = (most: number, periodOf: (at: number) => string) =>
    [...Map.groupBy(newestFirst, item => periodOf(item.at))].slice(0, most)
  // A differential or incremental backup also keeps the backups that it builds on, so a full one costs less.
  const best = (group: readonly Dated[]) => (group.find(item => item.whole) ?? group[0]!).id
  const days = newest(daily, dayOf)
  const kept = new Map([[best(newestFirst), 'the newest full one']])
  kept.set(newestFirst[0]!.id, 'the newest')
  for (const [month, group] of newest(monthly, monthOf)) kept.set(best(group), `stands for month ${month}`)
  for (const [week, group] of newest(weekly, weekOf)) kept.set(best(group), `stands for week ${week}`)
  for (const [day, group] of days) for (const { id } of group) kept.set(id, `day ${day} of ${daily}`)
  return { kept, daily: [newestFirst[0]!, ...days.flatMap(([, group]) => group)].map(({ id }) => id) }
}

const dated = ({ label, endedAt, kind }: PhysicalBackup): Dated => ({
  id: label,
  at: endedAt,
  whole: kind === 'full',
})

function whyRemoved(backup: PhysicalBackup, good: boolean, retention: Retention): string {
  if (good) return olderThan(retention)
  return backup.error ? 'its pages had errors' : 'what it builds on is gone'
}

const olderThan = ({ daily, weekly, monthly }: Retention): string =>
  `older than ${list([count(daily, 'day'), count(weekly, 'week'), count(monthly, 'month')])}`

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
const monthOf = (at: number): string => dayOf(at).slice(0, 7)

/** The week of a moment by ISO 8601: a week belongs to the year of its Thursday. */
function weekOf(at: number): string {
  const thursday = at + (3 - ((new Date(at).getUTCDay() + 6) % 7)) * DAY
  const year = new Date(thursday).getUTCFullYear()
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY))
  return `${year}-W${String(week).padStart(2, '0')}`
}
