import { parseName } from '../../apps/app/names.ts'
import type { Cluster, Measured, Scraped } from './ports.ts'

const byApp = (a: { app: string }, b: { app: string }): number => (a.app < b.app ? -1 : 1)

/** What is to be asked, always in the same order, so that nothing changes where nothing changed. */
export function measuredOf(
  ports: ReadonlyMap<string, number>,
  clusters: ReadonlyArray<{ app: string; port: number | null }>,
  instances: readonly Scraped[],
  watchdog: string | null,
): Measured {
  const redis = [...ports].flatMap(([owner, port]) => {
    const named = parseName(owner)
    return named.kind === 'redis' ? [{ app: named.app, port }] : []
  })
  const made = clusters.filter((one): one is Cluster => one.port !== null)
  return {
    clusters: made.map(({ app, port }) => ({ app, port })).sort(byApp),
    redis: redis.sort(byApp),
    watchdog,
    instances: instances.toSorted((a, b) => (`${a.app} ${a.instance}` < `${b.app} ${b.instance}` ? -1 : 1)),
  }
}
