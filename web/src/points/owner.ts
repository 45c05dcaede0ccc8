import type { Backups, RestorePoint } from '../../../server/src/data/backups/wire.ts'

/** What the keeper's own backups are called among the apps. */
export const KEEPER = 'keeper'

/** The restore points of an app, or of the keeper. */
export const pointsOf = (app: string, points: readonly RestorePoint[]): RestorePoint[] =>
  points.filter(point => (point.app ?? KEEPER) === app)

/** The places and restore points of one app. */
export const backupsOf = (app: string, backups: Backups): Backups => ({
  ...backups,
  places: backups.places.filter(place => place.app === app),
  points: pointsOf(app, backups.points),
})
