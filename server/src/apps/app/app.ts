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

/** One instance, with its port on this server. */
export interface Slot extends InstanceName {
  port: number
}

export const other = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue')

export const peer = (slot: Pick<Slot, 'port'>): string => `127.0.0.1:${slot.port}`
