import { type KeptKind, parseKept } from '../../apps/app/names.ts'
import type { MissingPart, Point } from './point.ts'

/** `of` when nothing of a point is kept at a place. */
export const WHOLE_PLACE = 'place'

/** Places that a point was meant for, and where nothing of it is kept. */
export const givenUp = ({ missing }: Pick<Point, 'missing'>): Set<string> =>
  new Set(missing.flatMap(({ of, place }) => (of === WHOLE_PLACE && place !== null ? [place] : [])))

export const isGoodAt = (point: Pick<Point, 'state' | 'missing'>, place: string): boolean =>
  point.state === 'good' && !givenUp(point).has(place)

/** Parts that a point lacks at a place; null: at any place. Without the places that were given up. */
export const lacking = ({ missing }: Pick<Point, 'missing'>, place: string | null): MissingPart[] =>
  missing.filter(m => m.of !== WHOLE_PLACE && (place === null || m.place === null || m.place === place))

const WORDS: Readonly<Record<KeptKind, string>> = {
  files: 'the files',
  redis: 'the Redis',
  dump: 'the dump of the database',
  releases: 'the releases',
  rows: 'the count of the rows',
}

/** `the Redis of shop`. */
export function partWords(of: string): string {
  const kept = parseKept(of)
  return kept === null ? of : `${WORDS[kept.kind]} of ${kept.app}`
}

export const sayMissing = ({ of, place, why }: MissingPart): string =>
  of === WHOLE_PLACE
    ? `nothing of it is at ${place}: ${why}`
    : `${partWords(of)} ${place === null ? 'is not in it' : `is not at ${place}`}: ${why}`
