import type { Listener } from '../../servers/setup/facts.ts'
import type { Looked } from '../../servers/setup/look.ts'
import type { Answered } from './asked.ts'
import type { Sight } from './outcome.ts'
import type { Hole } from './packages.ts'
import type { Address } from './urls.ts'

/** A program that waits for connections, with the service of this home that it belongs to; null: to none. */
export type Listening = Listener & { service: string | null }

/** What was seen of the server. */
export interface ServerFacts {
  /** Milliseconds since 1970. */
  now: number
  machine: Sight<Looked & { listening: readonly Listening[] }>
  /** `root`: whether each app has a user of its own; `ports`, `mounts`: why that wall is missing. */
  walls: { root: boolean; ports: string | null; mounts: string | null }
  /** The first entry of the audit log that does not follow from the one before it; null: all do. */
  audit: Sight<number | null>
  /** What to ask about who has access. */
  access: Sight<readonly string[]>
  /** Files with secrets that other users of the machine can read. */
  files: Sight<readonly string[]>
}

/** A secret, without its value. */
export interface SecretFact {
  name: string
  /** Why it is easy to guess; null: it is not. */
  weak: string | null
  /** Whether innkeeper.yaml has its value, and whether that looks like one that somebody gave out. */
  written: boolean
  plain: boolean
  /** Since when it has its value, in milliseconds since 1970; null: that is not kept. */
  since: number | null
}

/** What a role may at a server of PostgreSQL. */
export interface Role {
  name: string
  superuser: boolean
  /** createrole, createdb, bypassrls, replication, and the predefined roles by which files and programs are reached. */
  powers: readonly string[]
  /** Whether the database is its own, so that it may drop every table. */
  owns: boolean
  /** What everybody may in this database. */
  everybody: { create: boolean; connect: boolean }
}

/** A line of pg_hba.conf by which somebody gets in. */
export interface Entrance {
  /** `local`, or host and its kinds. */
  kind: string
  /** null: a unix socket. */
  address: string | null
  method: string
}

/** Where a server of PostgreSQL listens, and who gets in by its pg_hba.conf. */
export interface Network {
  listens: readonly string[]
  file: string
  entrances: readonly Entrance[]
}

export interface DatabaseFacts {
  /** The variable that holds the address. */
  name: string
  /** Whether Innkeeper runs the server. */
  ours: boolean
  host: Address['place']
  role: Sight<Role>
}

export interface Program {
  service: string
  user: string
  root: boolean
  /** Whether it has capabilities of root. */
  capable: boolean
}

/** Files of an app's folder that other users of the machine can read, the first of them. */
export interface Readable {
  folder: string
  readable: readonly string[]
}

/** What was seen of an app. */
export interface AppFacts {
  app: string
  now: number
  /** Whether it serves files alone. */
  still: boolean
  secrets: readonly SecretFact[]
  addresses: readonly Address[]
  tls: {
    /** Who does TLS: the edge, something in front of it, nobody. */
    by: 'edge' | 'front' | 'nobody'
    domains: ReadonlyArray<{ name: string; covered: boolean }>
    /** From when on the edge tells browsers to come by TLS alone; null: never. */
    hstsFrom: number | null
  }
  answers: Sight<Answered>
  limits: ReadonlyArray<{ path: string; perMinute: number }>
  databases: readonly DatabaseFacts[]
  /** Where its own PostgreSQL listens, and who gets in; null: it has none. */
  network: Sight<Network> | null
  programs: Sight<readonly Program[]>
  files: Sight<Readable>
  packages: Sight<readonly Hole[]> | null
}
