import type { Actor } from '../../api/actor.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Entry, Incident } from '../incidents/incident.ts'
import type { library } from './library.ts'
import type { RunbookStore } from './store.ts'

export interface CommandOrder {
  /** Of a command of inn, without `inn`. */
  words: readonly string[]
  /** Whose rights it has. */
  actor: Actor
  /** The app to which it is held, whatever else the actor may; null: to none. */
  within: string | null
  timeoutMs: number
  /** A name for what runs, so that a keeper which starts again ends it before it is run again. */
  id: string
  say(line: string): void
}

/** What a check read. Values as text. */
export interface Read {
  columns: readonly string[]
  rows: ReadonlyArray<ReadonlyArray<string | null>>
  /** Whether there are more rows than these. */
  more: boolean
}

export interface WalkPorts {
  store: RunbookStore
  library: ReturnType<typeof library>
  /** Runs a command of inn. Any exit code is an answer. Failures `exec.timeout`, `exec.missing`. */
  run(order: CommandOrder): Promise<{ code: number | null; output: string }>
  /** Reads from the database of an app, with the app's own rights. Failure `runbook.check`. */
  read(app: string, sql: string, timeoutMs: number): Promise<Read>
  incidents: {
    /** Failure `incident.unknown`. */
    known(id: number): Promise<Incident>
    /** The newest open one of an app; null: of the server. */
    newest(app: string | null): Promise<number | null>
    keep(id: number, entries: readonly Entry[]): Promise<void>
  }
  clock: Clock
  log(level: string, msg: string, more?: object): void
}
