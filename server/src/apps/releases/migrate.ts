import type { AppConfig, ReleaseStepConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Source } from '../../kernel/source.ts'
import { list } from '../../kernel/words.ts'
import { invalidIndexes } from '../databases/invalid-indexes.ts'
import {
  findMigrations,
  listMigrations,
  type MigrationList,
  type MigrationPlace,
  type Query,
} from '../databases/migrations.ts'
import { downFiles } from '../databases/migrations-tools.ts'
import { cancelledFor, type Guard, guarding, tryAgain, WAITS_MS } from './migrate-again.ts'
import { reasonOf } from './migrate-drizzle.ts'
import * as failures from './migrate-failures.ts'
import { applySql, type Limits } from './migrate-sql.ts'
import type { Finished } from './runner.ts'

export interface MigrateOrder {
  config: AppConfig
  /** Reads files of the new release. */
  source: Source
  /** Asks the app's database as its owner; null when the app has none. */
  query: Query | null
  /** For files of SQL, on a server where the owner's role does not have them; null: it does. */
  limits: Limits | null
  serves: failures.Serves
  /** Runs the release command to its end. */
  run: (step: ReleaseStepConfig) => Promise<Finished>
  /** Whom it keeps waiting; null: nobody can say. */
  guard: Guard | null
  sleep(ms: number): Promise<void>
  /** Describes the database sessions that block others now. */
  blockers: () => Promise<string[]>
  /** Migrations that an earlier try of this release was to apply. A keeper that was killed meanwhile goes on from there. */
  tried: readonly string[]
  /** Keeps the names of migrations that this release brought, or is about to. */
  remember: (names: readonly string[]) => Promise<void>
  say: (line: string) => void
}

/** What the release step brought. */
export interface Migrated {
  applied: string[]
  /** What there is to compare with; null: nothing, so that `applied` says nothing. */
  compared: MigrationPlace | null
  /** Applied files that were changed since. */
  edited: string[]
  /** Indexes that are there and not whole. */
  invalid: string[]
}

/** Runs the release step, then checks in the database what was applied. */
export async function migrate(order: MigrateOrder): Promise<Migrated> {
  const place = order.query === null ? null : await findMigrations(order.config, order.source)
  const before = await listed(place, order.query)
  for (const name of before?.pending ?? []) order.say(`pending: ${name}`)
  for (const name of before?.edited ?? [])
    order.say(`changed since it was applied, and not run again: ${name}`)
  if (place !== null) await refuseUnfit(place, before!)
  const tried = [...new Set([...order.tried, ...(before?.pending ?? [])])]
  await order.remember(tried)
  await carryOut({ ...order, place, before, tried })
  const after = await listed(place, order.query)
  const applied = tried.filter(name => after?.applied.includes(name))
  await order.remember(applied)
  if (after !== null && after.pending.length > 0)
    throw failures.notApplied(place!, after, order.config.release)
  const invalid = order.query === null ? [] : await invalidIndexes(order.query)
  return { applied, compared: place, edited: after?.edited ?? [], invalid }
}

type Running = MigrateOrder & {
  place: MigrationPlace | null
  before: MigrationList | null
  tried: readonly string[]
}

/** Runs the release step, again where it waited for a lock in vain, and explains why it failed for good. */
async function carryOut(order: Running): Promise<void> {
  const { place, before, query } = order
  const blockers = watchBlockers(order.blockers)
  try {
    for (let tries = 1; ; tries++) {
      const guard = guarding(order.guard)
      try {
        return await runOnce(order)
      } catch (error) {
        const after = await listed(place, query).catch(() => null) // The database itself may be what failed.
        if (!(error instanceof Failure)) throw await left(order, error, after)
        const waited = guard.cancelled()
        const failure = waited === null ? error : cancelledFor(error, waited)
        // What a command of the app does with files of SQL is its own affair.
        const tool =
          place === null || (place.tool === 'sql' && order.config.release !== null) ? null : place.tool
        const wait = tryAgain({ failure, cancelled: waited !== null, tool, before, after, tries })
        if (wait === null) throw await left(order, failure, after, blockers.seen())
        order.say(
          `${waited === null ? 'a lock did not come in time' : 'others had waited too long for it'}, and nothing is left of it: try ${tries + 1} of ${WAITS_MS.length + 1} in ${wait / 1000} s`,
        )
        await order.sleep(wait)
      } finally {
        guard.stop()
      }
    }
  } finally {
    blockers.stop()
  }
}

async function runOnce(order: Running): Promise<void> {
  const { place, before, query, config } = order
  if (config.release !== null) return runCommand(order, config.release, place, before)
  if (place?.tool !== 'sql') return
  // An earlier try may have applied some of them.
  const { pending } = await listMigrations(place, query!)
  await applySql({ ...order, place, pending, query: query! })
}

/** Notes what a step that failed left in the database. */
async function left(
  { query, before, tried, remember, serves }: Running,
  error: unknown,
  after: MigrationList | null,
  blocked: readonly string[] = [],
): Promise<unknown> {
  // What failed first is what has to be told.
  const invalid = after === null ? [] : await invalidIndexes(query!).catch(() => [])
  if (after !== null) await remember(tried.filter(name => after.applied.includes(name)))
  return error instanceof Failure
    ? failures.explained(error, { before, after, invalid, blocked, serves })
    : error
}

/** What a step that went well did, as a sentence. It says no more than was compared. */
export function migratedText({ applied, compared, edited, invalid }: Migrated, config: AppConfig): string {
  const done =
    compared === null
      ? config.release === null
        ? 'there was nothing to run'
        : config.migrations === false
          ? 'ran to its end'
          : 'ran to its end; which migrations it applied is not known, because no folder of migrations was found (migrations: in innkeeper.yaml names it)'
      : applied.length === 0
        ? 'no migration was pending'
        : `applied ${list(applied)}`
  return [
    done,
    ...(edited.length === 0
      ? []
      : [`${list(edited)} ${edited.length === 1 ? 'was' : 'were'} changed since applied, and not run again`]),
    ...(invalid.length === 0 ? [] : [failures.invalidText(invalid)]),
  ].join('; ')
}

const listed = (place: MigrationPlace | null, query: Query | null): Promise<MigrationList | null> =>
  place === null || query === null ? Promise.resolve(null) : listMigrations(place, query)

/** What the tool would refuse, or do wrong, is refused before it begins. */
async function refuseUnfit(place: MigrationPlace, before: MigrationList): Promise<void> {
  if (before.broken.length > 0) throw failures.broken(before.broken)
  if (before.locked !== null) throw failures.locked(before)
  const down = await downFiles(place)
  if (down.length > 0) throw failures.down(down)
}

/** Sessions that block the release step. They are read while it runs, because afterwards nothing waits any more. */
function watchBlockers(ask: () => Promise<string[]>) {
  let seen: string[] = []
  const timer = setInterval(async () => {
    const now = await ask().catch(() => [])
    if (now.length > 0) seen = now
  }, 500)
  return { seen: () => seen, stop: () => clearInterval(timer) }
}

async function runCommand(
  order: MigrateOrder,
  step: ReleaseStepConfig,
  place: MigrationPlace | null,
  before: MigrationList | null,
): Promise<void> {
  const done = await order.run(step)
  if (done.code !== 0) {
    const reason =
      place === null || order.query === null
        ? null
        : await reasonOf({ place, pending: before!.pending, query: order.query, done })
    throw failures.ended(step, done, reason)
  }
  if (pushed(step.command) && !/Changes applied|No changes detected/i.test(done.tail))
    throw failures.unproven(step, done)
}

/** drizzle-kit push asks a question when it is unsure, finds nobody there, and exits 0 having done nothing. */
const pushed = (command: readonly string[]): boolean =>
  command.some(c => c.includes('drizzle-kit')) && command.includes('push')
