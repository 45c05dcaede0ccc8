import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import type { BackupPlace, RestorePoint } from '../../../server/src/data/backups/wire.ts'
import { KEEPER } from '../points/owner.ts'

/**
 * Apps whose data can be restored: existing apps, and removed apps that a restore point still has. An app of which the
 * last point has neither a database nor files nor Redis is left out.
 */
export function subjectsOf(apps: readonly AppStatus[], points: readonly RestorePoint[]): string[] {
  const here = apps.filter(app => app.state !== 'new').map(app => app.name)
  const gone = points.flatMap(point => Object.keys(point.releases))
  return [...new Set([...here, ...gone])].filter(app => mayHaveData(app, apps, points))
}

function mayHaveData(app: string, apps: readonly AppStatus[], points: readonly RestorePoint[]): boolean {
  const last = points.find(point => point.state === 'good' && app in point.releases)
  if (last === undefined) return true
  const deployedAt = apps.find(one => one.name === app)?.deployedAt ?? ''
  return deployedAt > last.at || inCluster(app, last) || whatOf(app, last) !== null
}

/** What brings an app back that has no cluster: dumps of a database elsewhere, or files and Redis alone. Then there are no drills. */
export type Apart = 'dumps' | 'files'

/** null: the app has a cluster, or it is not known yet. */
export function apartOf(app: string, points: readonly RestorePoint[]): Apart | null {
  const last = points.find(point => point.state === 'good' && app in point.releases)
  return last === undefined || inCluster(app, last) ? null : whatOf(app, last)
}

const inCluster = (app: string, { counted }: RestorePoint): boolean => app.replaceAll('-', '_') in counted

function whatOf(app: string, { parts }: RestorePoint): Apart | null {
  const has = (kind: string) => parts.some(part => part.of === `${app}/${kind}`)
  if (has('dump')) return 'dumps'
  return has('files') || has('redis') ? 'files' : null
}

/**
 * Since when any moment of every database can be restored: the latest of what the apps have. null: of none. `without`:
 * apps with backups of which no moment can be restored yet; those that only have snapshots will have none. `torn`: apps
 * that lost some of the time since. A place that has not told yet says nothing.
 */
export function windowsOf(places: readonly BackupPlace[]): {
  since: string | null
  without: string[]
  torn: string[]
} {
  const told = places.filter(place => place.app !== KEEPER && place.seenAt !== null)
  const byApp = Map.groupBy(
    told.filter(place => place.backups.length > 0 || place.snapshots === 0),
    place => place.app,
  )
  const firsts = [...byApp].map(([app, own]) => {
    const [from = null] = own.flatMap(({ window }) => (window === null ? [] : [window.from])).toSorted()
    return { app, from }
  })
  const since = firsts.flatMap(({ from }) => (from === null ? [] : [from])).toSorted()
  return {
    since: since.at(-1) ?? null,
    torn: [...byApp].flatMap(([app, own]) => (own.some(({ window }) => window?.lost.length) ? [app] : [])),
    without: since.length === 0 ? [] : firsts.flatMap(({ app, from }) => (from === null ? [app] : [])),
  }
}
