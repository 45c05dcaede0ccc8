import type { AppConfig } from '../../config/config.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { App } from '../app/app.ts'
import type { Awake } from '../app/awake.ts'
import type { CommandOf } from '../releases/one-off.ts'
import type { Release } from '../releases/release.ts'
import type { JobRunner } from './runner.ts'
import type { JobStore } from './store.ts'

export interface JobPorts {
  apps: { all(): Promise<App[]>; find(app: string): Promise<App | null> }
  /** The configuration of a release, which never changes; null: there is no such release. */
  config(app: string, release: string): Promise<AppConfig | null>
  release(app: string, release: string): Promise<Release>
  store: JobStore
  runner: JobRunner
  commandOf: CommandOf
  /** Whether the next request would start an app that is stopped. */
  asleep(app: App): Promise<boolean>
  /** Begins to start one that is asleep, unless something else changes it, or it did not start a moment ago. */
  wake(app: string): Promise<void>
  awake: Pick<Awake, 'hold'>
  clock: Clock
  /** When a pattern is due next after a moment, by the clocks of a time zone; null: never. */
  nextRun(pattern: string, after: number, timezone: string): number | null
  newId(): string
  /** Something went wrong with one run that says nothing of the others. */
  onDefect(error: unknown): void
}
