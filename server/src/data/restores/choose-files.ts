import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { showMoment } from '../../kernel/moments.ts'
import type { Point } from '../backups/point.ts'
import type { Wanted } from './choose.ts'
import { besideOf, type Extent, lostBecause, sayParts, snapshotsOf, wants } from './choose-parts.ts'
import type { ChosenFiles } from './plan.ts'

interface FilesChoice extends Extent {
  app: string
  wanted: Wanted
  /** All restore points of the app, newest first. */
  points: readonly Point[]
  /** Place → ids of its snapshots now; null: the place cannot be asked. The restore will say why. */
  held: ReadonlyMap<string, ReadonlySet<string> | null>
  /** IANA time zone of the person who asks. */
  zone: string
}

type Asked = Exclude<Wanted, { kind: 'backup' }>

interface Found {
  point: Point
  place: string
  snapshots: ChosenFiles['snapshots']
}

/** Chooses files and Redis without a database. They are kept with restore points, and at no moment between them. */
export function chooseFiles(choice: FilesChoice): ChosenFiles {
  const { wanted, parts, zone } = choice
  if (wanted.kind === 'backup') throw noFiles(choice, wanted.label)
  const found = wanted.kind === 'point' ? foundIn(choice, wanted.point) : until(choice, wanted.at)
  if (found === null) throw missing(choice, wanted)
  const { point, place } = found
  const { snapshots, notices } = besideOf({ ...choice, point, place, database: false })
  return {
    place,
    at: point.at,
    says: `${parts === null ? '' : `${sayParts(parts)} of `}${point.name} (${showMoment(point.at, zone)})`,
    bytes: point.parts
      .filter(part => part.place === place && snapshots.some(({ id }) => id === part.id))
      .reduce((sum, part) => sum + ('bytes' in part ? part.bytes : 0), 0),
    snapshots,
    notices: [...notices, ...earlier(choice, point), ...withoutDatabase(choice, found)],
  }
}

/** The newest complete point that had ended by then: a snapshot holds what was written until it ended. */
function until(choice: FilesChoice, at: number): Found | null {
  for (const point of choice.points) {
    if (point.state !== 'good' || (point.endedAt ?? Number.POSITIVE_INFINITY) > at) continue
    const found = foundIn(choice, point)
    if (found === null || lostOf(choice, point, found.place).length > 0) continue
    if (choice.parts === null || found.snapshots.length === choice.parts.length) return found
  }
  return null
}

/** What a point has of the files and the Redis. A place that is known to have all of it is preferred to one that cannot be asked now. */
function foundIn({ app, held, parts }: FilesChoice, point: Point): Found | null {
  const all = [...new Set(point.parts.map(part => part.place))]
    .map(place => ({ point, place, snapshots: snapshotsOf(point, { app, place, parts }) }))
    .filter(({ snapshots }) => snapshots.length > 0)
    .toSorted((a, b) => b.snapshots.length - a.snapshots.length)
  const has = ({ place, snapshots }: Found) => snapshots.every(({ id }) => held.get(place)?.has(id))
  return all.find(has) ?? all.find(({ place }) => held.get(place) === null) ?? null
}

const lostOf = (choice: FilesChoice, point: Point, place: string | null): string[] =>
  (['files', 'redis'] as const)
    .filter(of => wants(choice.parts, of))
    .flatMap(of => lostBecause({ ...choice, point, place }, of) ?? [])

function earlier({ wanted, zone }: FilesChoice, { at, name }: Point): string[] {
  if (wanted.kind !== 'time') return []
  const gap = `${showDuration(wanted.at - at)} before ${showMoment(wanted.at, zone)}`
  return [`the newest point until then is ${name}, ${gap}: what was written in between is not in it`]
}

/** A point of a time when the app had a database. */
const withoutDatabase = ({ has }: FilesChoice, { point, place }: Found): string[] =>
  !has.database &&
  point.parts.some(part => part.place === place && (part.of === 'cluster' || part.of.endsWith('/dump')))
    ? ['files and Redis only: the point has a database too, and the release that serves has none']
    : []

const noFiles = ({ app, has }: FilesChoice, label: string): Failure =>
  has.database
    ? new Failure('backup.unknown', `the backup ${label} is of the database alone`, {
        why: 'files and Redis are kept with restore points',
        fix: `\`inn backup list ${app}\` shows them; then \`inn restore ${app} --point NAME --files\``,
      })
    : new Failure('backup.unknown', `there is no backup ${label} of a database`, {
        why: `${app} has no database: its files and its Redis are kept with restore points`,
        fix: `\`inn backup list ${app}\` shows them; then \`inn restore ${app} --point NAME\``,
      })

function missing(choice: FilesChoice, wanted: Asked): Failure {
  const { app, points, parts, has, zone } = choice
  const of = parts === null ? 'files and Redis' : sayParts(parts)
  const what =
    wanted.kind === 'time'
      ? `until that moment there is no complete restore point with ${of} of ${app}`
      : `the restore point holds nothing of ${of} of ${app}`
  const lost = wanted.kind === 'point' ? lostOf(choice, wanted.point, null) : []
  const there = points
    .filter(point => point.state === 'good' && foundIn(choice, point) !== null)
    .slice(0, 5)
    .map(point => `${point.name} (${showMoment(point.at, zone)})`)
  const none = has.database
    ? 'no good point has any of it at a place'
    : `no good point has any of it at a place; ${app} has no database that could come back without it`
  const flags = (parts ?? []).map(part => ` --${part}`).join('')
  return new Failure('restore.no-files', [what, ...lost].join(': '), {
    why: there.length === 0 ? none : `these have\n${there.join('\n')}`,
    fix:
      there.length === 0
        ? `\`inn backup now ${app}\` keeps what it has now`
        : `choose one of these: \`inn restore ${app} --point NAME${flags}\``,
  })
}
