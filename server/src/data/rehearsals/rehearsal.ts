import type { Query } from '../../apps/databases/migrations.ts'

/** A pending migration as it is run on the copy. */
export interface Rehearsed {
  name: string
  /** Its statements in turn. Those of a `whole` one are sent at once, as one transaction. */
  statements: readonly string[]
  /** `all`: together with the other pending ones; `each`: by itself; `none`: statement by statement. */
  mode: 'all' | 'each' | 'none'
}

/** What is to be rehearsed of a source. */
export interface Score {
  tool: string
  migrations: readonly Rehearsed[]
  /** Migrations that are code, which only their tool can run. */
  code: readonly string[]
}

export interface Held {
  /** With its schema. */
  table: string
  /** As PostgreSQL calls it, such as `AccessExclusiveLock`. */
  mode: string
  /** Who waits for it: whoever asks the table, or who writes to it. */
  blocks: 'all' | 'writes'
  ms: number
}

export interface Waiting {
  statement: string
  /** The longest time that it took before the migrations began, and while they ran. */
  beforeMs: number
  duringMs: number
  tries: number
}

/** What a rehearsal showed. */
export interface Showed {
  migrations: ReadonlyArray<{ name: string; ms: number; error: string | null }>
  code: readonly string[]
  held: readonly Held[]
  rewritten: ReadonlyArray<{ table: string; rows: number }>
  /** How much the database grew, and how much was written to its log. */
  bytes: { database: number; log: number }
  waiting: readonly Waiting[]
  /** Statements of the app that were tried meanwhile, and those that could not be, without their values. */
  asked: { tried: number; left: number }
}

export interface Report extends Showed {
  id: string
  app: string
  /** sha256 of the source. */
  upload: string
  /** Milliseconds since 1970. */
  at: number
  /** Which data it ran on, as a sentence. */
  says: string
}

/** How the copy is reached. Each call has a connection of its own. */
export interface Stage {
  /** As a role that may do what the owner may. */
  owner<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** As the superuser, in a database without anything of the app. */
  superuser<T>(work: (query: Query) => Promise<T>): Promise<T>
  /** Schemas in which the owner looks for a name without one. */
  path: readonly string[]
  /** What the app asks most often, without values. */
  frequent: readonly string[]
  now(): number
  sleep(ms: number): Promise<void>
  signal: AbortSignal
  say(line: string): void
}

/** Lets a session look for names where the owner does. */
export const searchPath = ({ path }: Pick<Stage, 'path'>): string =>
  `set search_path = ${path.map(name => `"${name.replaceAll('"', '""')}"`).join(', ') || 'public'}`
