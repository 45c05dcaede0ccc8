import type { ForeignService } from './elsewhere/foreign.ts'
import type { PackageFacts, SiteFacts } from './facts.ts'
import type { Script } from './scripts.ts'

/** A service of another platform's file, with the file. */
export interface Origin {
  file: string
  service: ForeignService
}

/** One service that the repository seems to have. */
export type Role = Kind & {
  name: string
  pkg: PackageFacts
  /** Services of other platforms' files that it is. */
  origins?: Origin[]
}

type Kind =
  | { kind: 'server'; framework: string }
  | { kind: 'site'; site: SiteFacts }
  | {
      kind: 'process'
      worker: boolean
      singleton: boolean
      script: Script | null
      /** The command itself, where no file of the repository is what runs. */
      command?: string
      serves: Array<{ pkg: PackageFacts; site: SiteFacts }>
    }

export type Unnamed = Role extends infer R
  ? R extends Role
    ? Omit<R, 'name'> & { as: string }
    : never
  : never
