import type { AppStore } from '../apps/app/store.ts'
import type { TrafficHistory } from '../apps/checks/traffic.ts'
import type { Watcher } from '../apps/checks/watcher.ts'
import type { Deployer } from '../apps/deploys/deployer.ts'
import type { OneOff } from '../apps/releases/one-off.ts'
import type { ReleaseStore } from '../apps/releases/store.ts'
import type { Home } from '../config/home.ts'
import type { Backups } from '../data/backups/backups.ts'
import type { LentCopies } from '../data/copies/copies.ts'
import type { Drills } from '../data/drills/drills.ts'
import type { Recovery } from '../data/recovery/recovery.ts'
import type { Restores } from '../data/restores/restores.ts'
import type { Tables } from '../data/tables/tables.ts'
import type { Engine } from '../engine/engine.ts'
import type { Journal, RunRow } from '../engine/journal.ts'
import type { Plan, Step } from '../engine/plan.ts'
import type { Views } from '../engine/view.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Audit } from '../reach/people/audit.ts'
import type { Actor, People } from '../reach/people/people.ts'
import type { LogSource } from '../watch/logs/read.ts'
import type { Status } from '../watch/status/wire.ts'

/** What the routes need of the keeper. */
export interface ApiPorts {
  version: string
  home: Home
  webFolder: string
  clock: Clock
  people: People
  audit: Audit
  apps: AppStore
  releases: ReleaseStore
  journal: Journal
  view: Views
  engine: Pick<Engine<Step>, 'cancel' | 'ended' | 'on'>
  /** Begins the plan, by the rule of who waits for whom. */
  begin(plan: Plan, actor: string): Promise<string>
  deployer: Deployer
  backups: Backups
  restores: Restores
  copies: LentCopies
  tables: Tables
  recovery: Recovery
  drills: Drills
  watcher: Watcher
  traffic: TrafficHistory
  /** The whole status, as this person may see it. */
  status(actor: Actor): Promise<Status>
  /** Newest first. */
  runs(app: string | null, limit: number): RunRow[]
  /** Lines that a run has put out, kept while the keeper lives. */
  output(run: string): ReadonlyArray<{ phase: 'steps' | 'cleanup'; index: number; text: string }>
  logSources(app: string): Promise<LogSource[]>
  oneOff: OneOff
  /** Writes an upload beside, checks its sha256, and puts it in place. Failure `upload.mismatch`. */
  saveUpload(digest: string, body: NodeJS.ReadableStream): Promise<void>
  hasUpload(digest: string): Promise<boolean>
}
