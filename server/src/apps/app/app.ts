import type { Colour } from '../../reach/edge/edge.ts'

/** One service's place: which release it serves from, and in which colour. */
export interface Place {
  release: string
  colour: Colour
}

export interface App {
  name: string
  /** Its own port at the edge, on loopback. */
  port: number
  state: 'new' | 'running' | 'stopped'
  /** What takes traffic (for workers: what runs), per service. */
  live: Readonly<Record<string, Place>>
  /** What a rollback returns to, per service. */
  warm: Readonly<Record<string, Place>>
  /** Instances set by `inn scale`, over the file's. */
  scale: Readonly<Record<string, number>>
}

/** The release that takes traffic, by the first of its services; null: none was deployed with success. */
export const servingRelease = (app: Pick<App, 'live'> | null): string | null =>
  Object.values(app?.live ?? {})[0]?.release ?? null

/** One instance's place on this server. */
export interface Slot {
  app: string
  service: string
  colour: Colour
  n: number
  port: number
}

export const slotName = (slot: Pick<Slot, 'app' | 'service' | 'colour' | 'n'>): string =>
  `${slot.app}.${slot.service}.${slot.colour}.${slot.n}`

export const other = (colour: Colour): Colour => (colour === 'blue' ? 'green' : 'blue')

export const peer = (slot: Pick<Slot, 'port'>): string => `127.0.0.1:${slot.port}`
