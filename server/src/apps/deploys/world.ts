import type { AppConfig } from '../../config/config.ts'
import type { RouteTable, Site } from '../../reach/edge/edge.ts'
import type { App, Deployment, Slot } from '../app/app.ts'

/** The world as it was observed: plain data. */
export interface World {
  app: App
  /** The edge's table and site as they are; null before the first deploy. */
  table: RouteTable | null
  site: Site | null
  /** Instances whose process runs, with the release that it runs. */
  running: ReadonlyArray<Slot & { release: string }>
  /** Ports given out before that nobody else has taken since, by slot name. */
  ports: Readonly<Record<string, number>>
  /** Ports that are free now. */
  free: readonly number[]
  /** What waits to be stopped. */
  retiring: ReadonlyArray<Deployment & { service: string }>
  /** Folders of static services: service → release → absolute path; newest release first in `older`. */
  roots: (service: string, release: string) => string
  older: (service: string) => readonly string[]
}

/** The release that is to serve, or its shape before it is made. */
export interface Goal {
  release: string
  config: AppConfig
  /** Service → release whose files it runs. */
  artifacts: Readonly<Record<string, string>>
}
