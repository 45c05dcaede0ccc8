import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import type { BackupPlace, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { KEEPER } from '../points/owner.ts'

/**
 * Apps whose data can be restored: existing apps, and removed apps that a restore point still has. An app that had no
 * database in a point is left out. For others without a database, the keeper says so when it is asked.
 */
export function subjectsOf(apps: readonly AppStatus[], points: readonly RestorePoint[]): string[] {
  const here = apps.filter(app => app.state !== 'new').map(app => app.name)
  const gone = points.flatMap(point => Object.keys(point.releases))
  return [...new Set([...here, ...gone])].filter(app => mayHaveDatabase(app, apps, points))
}

function mayHaveDatabase(app: string, apps: readonly AppStatus[], points: readonly RestorePoint[]): boolean {
  const last = points.find(point => point.state === 'good' && app in point.releases)
  if (last === undefined) return true
  const deployedAt = apps.find(one => one.name === app)?.deployedAt ?? ''
  return deployedAt > last.at || inCluster(app, last) || hasDump(app, last)
}

/** Whether an app's database is on a server that Innkeeper does not run: then there are only dumps, and no drills. */
export function isElsewhere(app: string, points: readonly RestorePoint[]): boolean {
  const last = points.find(point => point.state === 'good' && app in point.releases)
  return last !== undefined && !inCluster(app, last) && hasDump(app, last)
}

const inCluster = (app: string, { counted }: RestorePoint): boolean => app.replaceAll('-', '_') in counted
const hasDump = (app: string, { parts }: RestorePoint): boolean =>
  parts.some(part => part.of === `${app}/dump`)

/**
 * Since when any moment of every database can be restored: the latest of what the apps have. null: of none. `without`:
 * apps with backups of which no moment can be restored yet.
 */
export function windowsOf(places: readonly BackupPlace[]): { since: string | null; without: string[] } {
  const byApp = Map.groupBy(
    places.filter(place => place.app !== KEEPER),
    place => place.app,
  )
  const firsts = [...byApp].map(([app, own]) => {
    const [from = null] = own.flatMap(({ window }) => (window === null ? [] : [window.from])).toSorted()
    return { app, from }
  })
  const since = firsts.flatMap(({ from }) => (from === null ? [] : [from])).toSorted()
  return {
    since: since.at(-1) ?? null,
    without: since.length === 0 ? [] : firsts.flatMap(({ app, from }) => (from === null ? [app] : [])),
  }
}
