import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { PhysicalPart, Point } from '../backups/point.ts'
import { type Branch, leftBy } from '../restores/lineage.ts'
import { type Drill, LEVELS } from './drill.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** No drill before an app's database is this old: there is hardly anything to restore. */
const FIRST_AFTER = DAY
/** Pause after a drill that was cancelled because it gave way to another run. */
const REST = HOUR
/** Longest time without a good drill: a week, and a day more for one that gave way or began late. */
const LONGEST_WITHOUT = 8 * DAY

export interface Rhythm {
  now: number
  /** When the app got its database. */
  since: number
  /** Drills of the app, newest first. */
  drills: readonly Drill[]
  /** When the schedule is due next after a moment, in milliseconds since 1970; null: never. */
  next: (after: number) => number | null
}

/** Whether a drill is due. A cancelled drill does not count as begun. A drill dated in the future is ignored. */
export function isDue({ now, since, drills, next }: Rhythm): boolean {
  if (now - since < FIRST_AFTER) return false
  const past = drills.filter(drill => drill.at <= now)
  const [newest] = past
  if (newest?.state === 'cancelled' && now - newest.at < REST) return false
  const begun = past.find(drill => drill.state !== 'cancelled')?.at ?? since
  return (next(begun) ?? Number.POSITIVE_INFINITY) <= now
}

export interface DrillFacts {
  now: number
  apps: ReadonlyArray<{ app: string; since: number; drills: readonly Drill[] }>
}

/** The alarms about the drills of a server. */
export const alarmsOf = ({ now, apps }: DrillFacts): Alarm[] =>
  apps.flatMap(({ app, since, drills }) => {
    const proven = drills.find(drill => drill.state === 'proven')?.endedAt ?? null
    const last = drills.find(drill => drill.state === 'proven' || drill.state === 'failed')
    const age = proven === null ? 'none ever was' : `the last one is ${showDuration(now - proven)} old`
    const alarms = [
      ...(now - (proven ?? since) > LONGEST_WITHOUT
        ? [
            late(
              'drill.overdue',
              `no drill of ${app} was proven in its week: ${age}`,
              `\`inn drill now ${app}\``,
            ),
          ]
        : []),
      ...(last?.state === 'failed'
        ? [
            late(
              'drill.failed',
              `the last drill of ${app} failed: ${failureOf(last)}`,
              `\`inn drill show ${last.id}\``,
            ),
          ]
        : []),
    ]
    return alarms.map(alarm => ({ ...alarm, app }))
  })

const late = (code: string, what: string, fix: string): Alarm => ({ code, level: 'late', what, fix })

function failureOf({ levels }: Drill): string {
  const failed = levels.find(level => level.state === 'failed')
  return failed === undefined ? 'it did not begin' : `L${failed.level}, ${LEVELS[failed.level]}`
}

/** The newest complete restore point that has this database; null: there is none. */
export const pointFor = (points: readonly Point[], database: string): Point | null =>
  points
    .filter(point => point.state === 'good' && partsOf(point).length > 0 && database in point.manifest)
    .toSorted((a, b) => b.at - a.at)[0] ?? null

/** Why a point is no part of what its app has now, as a sentence; null: it is. `branches`: of the app's cluster, oldest first. */
export function abandonedBy(
  branches: readonly Branch[],
  { name, segment, at }: Pick<Point, 'name' | 'segment' | 'at'>,
): string | null {
  const branch = segment === null ? null : leftBy(branches, { segment, at })
  if (branch === null) return null
  const [since, moment] = [branch.since, branch.moment].map(ms => new Date(ms).toISOString())
  return `${name} is of a branch that was left: what was written after ${moment} was put aside at ${since}, and is not what the app has now`
}

/** Which of a point's backups a drill tries: the one at the place that was tried longest ago. */
export function partFor(point: Point, drills: readonly Drill[]): PhysicalPart | null {
  const lastAt = (place: string) => Math.max(0, ...drills.filter(d => d.place === place).map(d => d.at))
  return partsOf(point).toSorted((a, b) => lastAt(a.place) - lastAt(b.place))[0] ?? null
}

const partsOf = (point: Point): PhysicalPart[] =>
  point.parts.filter((part): part is PhysicalPart => part.of === 'cluster')

/** Compares as text, because PostgreSQL returns a count as text, whatever type the file has. */
export const isExpected = (value: unknown, expect: string | number | boolean | null): boolean =>
  value === null || expect === null ? value === expect : String(value) === String(expect)
