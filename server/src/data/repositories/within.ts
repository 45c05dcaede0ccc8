import type { Place } from '../places/place.ts'
import type { Snapshots } from './snapshots.ts'

/** The same place, but in a subfolder. */
export const below = <P extends Place>(place: P, folder: string): P =>
  place.kind === 'folder'
    ? { ...place, path: `${place.path}/${folder}` }
    : { ...place, prefix: [place.prefix, folder].filter(Boolean).join('/') }

/** Puts an engine into a subfolder of each place, so that several engines can share the places. */
export function within(folder: string, engine: Snapshots): Snapshots {
  const inside = <O extends { place: Place }>(order: O): O => ({
    ...order,
    place: below(order.place, folder),
  })
  return {
    keepFolder: order => engine.keepFolder(inside(order)),
    keepOutput: order => engine.keepOutput(inside(order)),
    restore: order => engine.restore(inside(order)),
    list: place => engine.list(below(place, folder)),
    forget: (place, ...order) => engine.forget(below(place, folder), ...order),
    check: (place, how) => engine.check(below(place, folder), how),
  }
}
