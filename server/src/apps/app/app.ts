import type { Colour } from '../../reach/edge/edge.ts'
import type { InstanceName } from './names.ts'

/** How a service is deployed: which release of it, and in which colour. */
export interface Deployment {
  release: string
  colour: Colour
}

export interface App {
  name: string
  /** The port on loopback where the edge serves this app. */
  port: number
  state: 'new' | 'running' | 'stopped'
  /** Service → the deployment that takes traffic (for a worker: that runs). */
  live: Readonly<Record<string, Deployment>>
  /** Service → the deployment that a rollback returns to. */
  warm: Readonly<Record<string, Deployment>>
  /** Service → number of instances set by `inn scale`; it overrides innkeeper.yaml. */
  scale: Readonly<Record<string, number>>
}

/**
 * The release whose configuration holds for the app: the newest of those that serve. After a partial deploy several
 * releases serve: what concerns one service is then read from the release of that service (`live`). Null: no deploy
 * has succeeded yet.
 */
export const currentRelease = (app: Pick<App, 'live'> | null): string | null =>
  newest(Object.values(app?.live ?? {}).map(deployment => deployment.release))

/** The newest of some releases (r1, r2, …) of one app. */
export const newest = (releases: readonly string[]): string | null =>
  [...releases].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)))[0] ?? null

/** Whether one release of an app is older than another. */
export const older = (one: string, other: string): boolean => Number(one.slice(1)) < Number(other.slice(1))

const newestWarm = ({ warm }: Pick<App, 'warm'>): string | null =>
  newest(Object.values(warm).map(one => one.release))

/**
 * Where `inn rollback` leads: to what served before, or to the newest older release whose files are there. It never
 * leads forward: after a rollback, what served before is the release that was left. `ready`: releases with files.
 */
export function releaseBefore(app: Pick<App, 'live' | 'warm'>, ready: readonly string[]): string | null {
  const now = currentRelease(app)
  if (now === null) return null
  return servedBefore(app) ?? newest(ready.filter(id => older(id, now)))
}

/** What served before, when it is older than what serves. */
export function servedBefore(app: Pick<App, 'live' | 'warm'>): string | null {
  const now = currentRelease(app)
  const before = newestWarm(app)
  return now !== null && before !== null && older(before, now) ? before : null
}

/** Where `inn forward` leads: to the release that was left, or to the next newer one whose files are there. */
export function releaseAfter(app: Pick<App, 'live' | 'warm'>, ready: readonly string[]): string | null {
  const now = currentRelease(app)
  if (now === null) return null
  const left = newestWarm(app)
  if (left !== null && older(now, left)) return left
  return ready.filter(id => older(now, id)).sort((a, b) => (older(a, b) ? -1 : 1))[0] ?? null
}

/** One instance, with its port on this server. */
export interface Slot extends InstanceName {
  port: number
}

export const other = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue')

export const peer = (slot: Pick<Slot, 'port'>): string => `127.0.0.1:${slot.port}`
