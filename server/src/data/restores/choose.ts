import { keptName } from '../../apps/app/names.ts'
import { Failure } from '../../kernel/failure.ts'
import { showMoment } from '../../kernel/moments.ts'
import { list } from '../../kernel/words.ts'
import { continuous, type Span } from '../backups/due.ts'
import type { Point } from '../backups/point.ts'
import type { PhysicalBackup } from '../repositories/physical.ts'
import { besideOf, type Extent } from './choose-parts.ts'
import { type Branch, leadsTo, lostSpans, timelineAt, timelineOf } from './lineage.ts'
import type { Chosen } from './plan.ts'

/** What somebody asked to return to. */
export type Wanted =
  | { kind: 'time'; at: number }
  | { kind: 'point'; point: Point }
  | { kind: 'backup'; label: string }

/** What a place can offer, as it was observed. */
export interface Offer {
  place: string
  backups: readonly PhysicalBackup[]
  segments: readonly string[]
  /** Why the place cannot be read now; null: it can. */
  problem: string | null
}

interface Choice extends Extent {
  app: string
  wanted: Wanted
  offers: readonly Offer[]
  /** All restore points of the app, to find the files that are nearest to a moment. */
  points: readonly Point[]
  /** The timelines of the cluster, oldest first; without any, all is on the one of the newest segment. */
  branches: readonly Branch[]
  /** Of whoever reads it. */
  zone: string
}

/** Finds the place and the backup to begin from. Throws a Failure that says what can be restored instead. */
export function choose(choice: Choice): Chosen {
  const { wanted, offers, zone } = choice
  if (wanted.kind === 'backup') return chooseBackup(choice, wanted.label)
  const at = wanted.kind === 'time' ? wanted.at : wanted.point.at
  const lost = lostSpans(choice.branches)
  const gone = lost.find(span => wanted.kind === 'time' && span.from <= at && at < span.to)
  if (gone !== undefined) throw inLost(at, gone, zone)
  if (wanted.kind === 'point') named(wanted.point, choice.app)
  const timeline = timelineFor(choice)
  const leads = leadsTo(choice.branches, timeline)
  const found = inOrder(offers, choice)
    .map(offer => ({ offer, base: baseFor(offer, at, leads) }))
    .find(({ base }) => base !== undefined)
  if (found === undefined) throw outside(at, offers, zone)
  const { place } = found.offer
  if (wanted.kind === 'time') {
    const says = showMoment(at, zone)
    const notices = filesNotice(choice, at)
    return {
      place,
      at,
      says,
      target: { kind: 'time', at, backup: found.base!.label, timeline },
      snapshots: [],
      notices,
    }
  }
  const { point } = wanted
  const says = `${point.name} (${showMoment(at, zone)})`
  const { snapshots, notices } = besideOf({ ...choice, point, place, database: true })
  const target = { kind: 'point', name: point.name, backup: found.base!.label, timeline } as const
  return { place, at, says, target, snapshots, notices }
}

/** Refuses a point that ended before its moment had a name in the log: replay would go past it, to the end. */
function named({ name, state, reason, segment }: Point, app: string): void {
  if (segment !== null) return
  throw new Failure('restore.target', `${name} has no moment of the database that could come back`, {
    why:
      state === 'taking'
        ? 'it is still being made'
        : state === 'failed'
          ? `it failed before (${reason ?? 'without a reason'})`
          : `${app} had no cluster when it was made`,
    fix: `choose another point, or a moment: \`inn backup list ${app}\``,
  })
}

function chooseBackup({ offers, zone, has }: Choice, label: string): Chosen {
  for (const { place, backups } of offers) {
    const backup = backups.find(b => b.label === label)
    if (backup === undefined) continue
    if (backup.error)
      throw new Failure('backup.damaged', `${label} is not good`, {
        why: 'pages of the database failed their checksum when it was taken',
        fix: 'choose another: `inn backup list`',
      })
    return {
      place,
      at: backup.endedAt,
      says: `the end of the backup ${label} (${showMoment(backup.endedAt, zone)})`,
      target: { kind: 'backup', label, timeline: timelineOf(backup.firstSegment) },
      snapshots: [],
      notices: has.files || has.redis ? ['only the database: files and Redis stay as they are'] : [],
    }
  }
  throw new Failure('backup.unknown', `there is no backup ${label}`, {
    why: [
      `the places have ${list(offers.flatMap(o => o.backups.map(b => b.label))) || 'none'}`,
      ...offers.flatMap(({ place, problem }) => (problem === null ? [] : [`${place}: ${problem}`])),
    ].join('\n'),
    fix: '`inn backup list`',
  })
}

/** Places in the order of preference: first those with the point's own parts, then those whose WAL reaches furthest. */
function inOrder(offers: readonly Offer[], { wanted }: Choice): Offer[] {
  const parts = wanted.kind === 'point' ? wanted.point.parts : []
  const own = (offer: Offer) => parts.filter(part => part.place === offer.place).length
  const last = (offer: Offer) => offer.segments.at(-1) ?? ''
  return offers.toSorted((a, b) => own(b) - own(a) || (last(a) < last(b) ? 1 : -1))
}

/** The timeline on which the wanted moment was. A point knows its own. */
function timelineFor({ wanted, offers, branches }: Choice): number {
  if (wanted.kind === 'point' && wanted.point.segment !== null) return timelineOf(wanted.point.segment)
  const newest = Math.max(1, ...offers.flatMap(({ segments }) => segments.slice(-1).map(timelineOf)))
  return timelineAt(branches, wanted.kind === 'time' ? wanted.at : Number.POSITIVE_INFINITY, newest)
}

/** The newest good backup before the moment, after which no segment is missing. */
const baseFor = (
  { backups, segments }: Offer,
  at: number,
  leads: (backup: PhysicalBackup) => boolean,
): PhysicalBackup | undefined =>
  continuous(backups, segments)
    .filter(backup => backup.endedAt <= at && leads(backup))
    .toSorted((a, b) => b.endedAt - a.endedAt)[0]

export function filesNotice(
  { points, app, zone, has }: Pick<Choice, 'points' | 'app' | 'zone' | 'has'>,
  at: number,
): string[] {
  if (!has.files && !has.redis) return []
  const nearest = points.find(p => p.at <= at && p.parts.some(part => part.of === keptName(app, 'files')))
  const stay = 'only the database: files and Redis stay as they are'
  return [
    nearest === undefined
      ? stay
      : `${stay}; the nearest point that has them too is ${nearest.name} (${showMoment(nearest.at, zone)}): --point ${nearest.name}`,
  ]
}

const inLost = (at: number, { from, to }: Span, zone: string): Failure =>
  new Failure('restore.lost', `what was committed at ${showMoment(at, zone)} is lost`, {
    why: `the files of the PostgreSQL were lost before their log was archived: of the time from ${showMoment(from, zone)} to ${showMoment(to, zone)} no place has anything`,
    fix: `choose a moment before or after: '${showMoment(from - 1, zone)}', '${showMoment(to + 1000, zone)}'`,
    facts: { from, to },
  })

function outside(at: number, offers: readonly Offer[], zone: string): Failure {
  const windows = offers.flatMap(offer => {
    const from = Math.min(...continuous(offer.backups, offer.segments).map(b => b.endedAt))
    return Number.isFinite(from) ? [`${offer.place}: from ${showMoment(from, zone)} until now`] : []
  })
  const away = offers.flatMap(({ place, problem }) => (problem === null ? [] : [`${place}: ${problem}`]))
  const none =
    away.length === 0
      ? 'there is no good backup yet'
      : away.length === offers.length
        ? 'no place can be read now'
        : 'the places that can be read have no good backup yet'
  return new Failure('restore.target', `${showMoment(at, zone)} cannot be restored`, {
    why: [windows.length === 0 ? none : 'what can be is', ...windows, ...away].join('\n'),
    fix:
      windows.length > 0
        ? 'choose a moment in it, or a backup: `inn backup list`'
        : away.length > 0
          ? '`inn backup list` shows the places; make them reachable, then again'
          : '`inn backup now`',
    facts: { windows },
  })
}
