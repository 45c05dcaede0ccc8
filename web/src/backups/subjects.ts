import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import type { RestorePoint } from '../../../server/src/data/backups/wire.ts'

/**
 * Apps whose data can be restored: the apps that are here, and removed apps that a restore point still has. Not
 * shown is an app of which a point says that it had no database; the keeper says it of the others, when it is asked.
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

/** Its database is elsewhere: dumps of it are kept, and there is nothing to drill. */
export function isElsewhere(app: string, points: readonly RestorePoint[]): boolean {
  const last = points.find(point => point.state === 'good' && app in point.releases)
  return last !== undefined && !inCluster(app, last) && hasDump(app, last)
}

const inCluster = (app: string, { counted }: RestorePoint): boolean => app.replaceAll('-', '_') in counted
const hasDump = (app: string, { parts }: RestorePoint): boolean =>
  parts.some(part => part.of === `${app}/dump`)
