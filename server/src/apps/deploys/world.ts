import type { AppConfig } from '../../config/config.ts'
import type { RouteTable, Site } from '../../reach/edge/edge.ts'
import type { App, Deployment, Slot } from '../app/app.ts'

/** What was observed, as plain data: a plan is made from this alone. */
export interface World {
  app: App
  /** The route table and site of the edge as they are now; null before the first deploy. */
  table: RouteTable | null
  site: Site | null
  /** Instances whose process runs, with the release that it runs. */
  running: ReadonlyArray<Slot & { release: string }>
  /** Slot name → port that was given out before and that no other program has taken since. */
  ports: Readonly<Record<string, number>>
  /** Ports that are free now. */
  free: readonly number[]
  /** Old colours that wait to be stopped. */
  retiring: ReadonlyArray<Deployment & { service: string }>
  /** Folder of a static service's files in a release, as an absolute path. `older`: those of kept releases, newest first. */
  roots: (service: string, release: string) => string
  older: (service: string) => readonly string[]
  /** Where links among these files may lead: the whole release, and the folder that all releases share. */
  linked: (release: string) => { tree: string; shared: string }
}

/** The release that is to serve, or its shape before it is made. */
export interface Goal {
  release: string
  config: AppConfig
  /** Service → release whose files it runs. */
  artifacts: Readonly<Record<string, string>>
}
