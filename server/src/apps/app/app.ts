import type { Colour } from '../../reach/edge/edge.ts'
import type { InstanceName } from './names.ts'

/** How a service is deployed: which release of it, and in which colour. */
export interface Deployment {
  release: string
  colour: Colour
}

export interface App {
  name: string
  /** Its own port at the edge, on loopback. */
  port: number
  state: 'new' | 'running' | 'stopped'
  /** What takes traffic (for workers: what runs), per service. */
  live: Readonly<Record<string, Deployment>>
  /** What a rollback returns to, per service. */
  warm: Readonly<Record<string, Deployment>>
  /** Instances set by `inn scale`, over the file's. */
  scale: Readonly<Record<string, number>>
}

/**
 * The release whose configuration holds for the app: the newest of those that serve. After a partial deploy several
 * serve; what is about one service is asked of the release of that service (`live`). Null: none was deployed with
 * success.
 */
export const currentRelease = (app: Pick<App, 'live'> | null): string | null =>
  newest(Object.values(app?.live ?? {}).map(deployment => deployment.release))

/** The newest of some releases (r1, r2, …) of one app. */
export const newest = (releases: readonly string[]): string | null =>
  [...releases].sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)))[0] ?? null

/** One instance, with the port that it has here. */
export interface Slot extends InstanceName {
  port: number
}

export const other = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue')

export const peer = (slot: Pick<Slot, 'port'>): string => `127.0.0.1:${slot.port}`
