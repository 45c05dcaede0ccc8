import { keptName } from '../../apps/app/names.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { lacking, sayMissing } from '../backups/missing.ts'
import type { Point, SnapshotPart } from '../backups/point.ts'
import type { Chosen } from './plan.ts'

/** What of an app can come back by itself. */
export const PARTS = ['database', 'files', 'redis'] as const
export type PartName = (typeof PARTS)[number]
type Beside = Exclude<PartName, 'database'>

const WORDS: Readonly<Record<PartName, string>> = {
  database: 'the database',
  files: 'the files',
  redis: 'the Redis',
}

/** `the files and the Redis` */
export const sayParts = (parts: readonly PartName[]): string => list(parts.map(part => WORDS[part]))

/** What a restore is to bring back, and what the app has now. */
export interface Extent {
  /** The parts that were named; null: all that the point has. */
  parts: readonly PartName[] | null
  has: Readonly<Record<PartName, boolean>>
}

interface Asked extends Extent {
  app: string
  point: Point
  place: string
  /** Whether the restore brings the database of the point too. */
  database: boolean
}

export const wants = (parts: Extent['parts'], part: PartName): boolean => parts?.includes(part) ?? true

/** Snapshots of a restore point at one place. The app may use other places by now, so only the point's own parts count. */
export function snapshotsOf(
  point: Point,
  { app, place, parts }: Pick<Asked, 'app' | 'place' | 'parts'>,
): Chosen['snapshots'] {
  const own = point.parts.filter((part): part is SnapshotPart => part.place === place && 'bytes' in part)
  return wanted(parts).flatMap(of => {
    const part = own.find(p => p.of === keptName(app, of))
    return part === undefined ? [] : [{ of, id: part.id }]
  })
}

const wanted = (parts: Extent['parts']): Beside[] =>
  (['files', 'redis'] as const).filter(of => wants(parts, of))

/**
 * What comes back of a point beside its database, and first of all what does not. Refuses a point that lacks a part that
 * was named, or that it should have: an incomplete restore would look like a complete one.
 */
export function besideOf(asked: Asked): Pick<Chosen, 'snapshots' | 'notices'> {
  const { parts, point } = asked
  const snapshots = snapshotsOf(point, asked)
  const absent = wanted(parts).filter(of => !snapshots.some(s => s.of === of))
  const lost = absent.flatMap(of => lostBecause(asked, of) ?? (parts === null ? [] : holdsNone(asked, of)))
  if (lost.length > 0) throw incomplete(asked, snapshots, lost)
  return { snapshots, notices: [...unproven(point), ...staying(asked, snapshots)] }
}

const holdsNone = ({ point, app }: Asked, of: Beside): string =>
  `${point.name} holds none of ${WORDS[of]} of ${app}`

/** Why a part that should be in the point is not there; null: it was never meant to be. */
export function lostBecause(
  { point, app, place, has }: Pick<Asked, 'point' | 'app' | 'has'> & { place: string | null },
  of: Beside,
): string | null {
  const part = keptName(app, of)
  const marked = lacking(point, place).find(missing => missing.of === part)
  if (marked !== undefined) return sayMissing(marked)
  const others = point.parts.filter(p => p.of === part).map(p => p.place)
  if (others.length > 0 && (place === null || others.includes(place))) return null
  if (others.length > 0) return `${WORDS[of]} of ${app} are at ${list(others)}, and not at ${place}`
  if (!has[of] || point.state === 'good' || point.state === 'marked') return null
  return `${sayState(point)}, and ${WORDS[of]} of ${app} had not been kept by then`
}

const sayState = ({ name, state, reason }: Point): string =>
  state === 'failed' ? `${name} failed (${reason ?? 'without a reason'})` : `${name} is still being made`

/** What is said first of a point whose parts were not looked up at their places. */
const unproven = (point: Point): string[] =>
  point.state === 'failed' || point.state === 'taking'
    ? [`${sayState(point)}: that its parts are whole was never checked`]
    : []

/** What the app has, and what this restore leaves as it is. */
function staying({ point, parts, has, database }: Asked, snapshots: Chosen['snapshots']): string[] {
  const stays = PARTS.filter(
    part => has[part] && !(part === 'database' ? database : snapshots.some(({ of }) => of === part)),
  )
  if (stays.length === 0) return []
  const none = stays.filter(part => wants(parts, part))
  const why = none.length === 0 ? '' : ` (${point.name} holds none of ${sayParts(none)})`
  return [`what does not come back, and stays as it is now: ${sayParts(stays)}${why}`]
}

function incomplete(
  { app, point, parts, database }: Asked,
  snapshots: Chosen['snapshots'],
  lost: readonly string[],
): Failure {
  const rest = [...(database ? ['database'] : []), ...snapshots.map(({ of }) => of)]
  const narrowed = [point.name, ...rest].join(' --')
  const other = `\`inn backup list ${app}\` has the other points`
  return new Failure(
    'restore.part',
    `${point.name} does not have ${parts === null ? `all of ${app}` : sayParts(parts)}`,
    {
      why: lost.join('\n'),
      fix: rest.length === 0 ? other : `${other}; what it has: \`inn restore ${app} --point ${narrowed}\``,
    },
  )
}
