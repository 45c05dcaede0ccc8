import type { RestorePoint } from '../../../contract/backup.ts'
import type { AppStatus } from '../../../contract/status.ts'

/**
 * Apps whose data may be brought back: those that are here, and those that only a restore point knows any more. Not
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
  return deployedAt > last.at || app.replaceAll('-', '_') in last.counted
}
