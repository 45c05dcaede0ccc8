import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { AppConfig, ReleaseStepConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Source } from '../../kernel/source.ts'
import { count, list } from '../../kernel/words.ts'
import {
  findMigrations,
  listMigrations,
  type MigrationList,
  type MigrationPlace,
  type Query,
} from '../databases/migrations.ts'
import type { Finished } from './runner.ts'

export interface MigrateOrder {
  config: AppConfig
  /** Reads files of the new release. */
  source: Source
  /** Asks the app's database as its owner; null when the app has none. */
  query: Query | null
  /** Runs the release command to its end. */
  run: (step: ReleaseStepConfig) => Promise<Finished>
  /** Describes the database sessions that block others now. */
  blockers: () => Promise<string[]>
  /** Migrations that an earlier try of this release was to apply. A keeper that was killed meanwhile goes on from there. */
  tried: readonly string[]
  /** Keeps the names of migrations that this release brought, or is about to. */
  remember: (names: readonly string[]) => Promise<void>
  say: (line: string) => void
}

/** Runs the release step, then checks in the database what was applied. Returns the names of these migrations. */
export async function migrate(order: MigrateOrder): Promise<string[]> {
  const place = order.query === null ? null : await findMigrations(order.config, order.source)
  const before = await listed(place, order.query)
  for (const name of before?.pending ?? []) order.say(`pending: ${name}`)
  if (before !== null && before.broken.length > 0) throw broken(before.broken)
  const tried = [...new Set([...order.tried, ...(before?.pending ?? [])])]
  await order.remember(tried)
  const blockers = watchBlockers(order.blockers)
  try {
    if (order.config.release !== null) await runCommand(order, order.config.release)
    else if (place?.tool === 'sql') await applySql(place, before!.pending, order.query!, order.say)
  } catch (error) {
    const after = await listed(place, order.query).catch(() => null) // The database itself may be what failed.
    if (after !== null) await order.remember(tried.filter(name => after.applied.includes(name)))
    throw error instanceof Failure ? explained(error, { before, after, blocked: blockers.seen() }) : error
  } finally {
    blockers.stop()
  }
  const after = await listed(place, order.query)
  const applied = tried.filter(name => after?.applied.includes(name))
  await order.remember(applied)
  if (after !== null && after.pending.length > 0) throw notApplied(after.pending, order.config.release)
  return applied
}

const listed = (place: MigrationPlace | null, query: Query | null): Promise<MigrationList | null> =>
  place === null || query === null ? Promise.resolve(null) : listMigrations(place, query)

/** Sessions that block the release step. They are read while it runs, because afterwards nothing waits any more. */
function watchBlockers(ask: () => Promise<string[]>) {
  let seen: string[] = []
  const timer = setInterval(async () => {
    const now = await ask().catch(() => [])
    if (now.length > 0) seen = now
  }, 500)
  return { seen: () => seen, stop: () => clearInterval(timer) }
}

async function runCommand(order: MigrateOrder, step: ReleaseStepConfig): Promise<void> {
  const done = await order.run(step)
  if (done.code !== 0) {
    throw new Failure('release.failed', 'the release step failed; the old version goes on serving', {
      why: `${step.command.join(' ')} ended with ${done.code ?? done.signal}\n${telling(done.tail)}`,
      fix: 'correct the migration, then deploy again',
    })
  }
  if (pushed(step.command) && !/Changes applied|No changes detected/i.test(done.tail))
    throw unproven(step, done)
}

interface Found {
  before: MigrationList | null
  after: MigrationList | null
  blocked: readonly string[]
}

/** The same failure, with what it left in the database and which sessions it waited for. */
function explained(failure: Failure, { before, after, blocked }: Found): Failure {
  const half = (after?.applied ?? []).filter(name => !before!.applied.includes(name))
  const state =
    half.length > 0
      ? `${list(half)} ${half.length === 1 ? 'was' : 'were'} applied and ${half.length === 1 ? 'stays' : 'stay'}; ${list(after!.pending)} not. The old version still serves, now on the changed schema.`
      : before !== null && after === null
        ? 'which migrations were applied cannot be read now.'
        : before === null
          ? null
          : 'no migration was applied.'
  const waited = blocked.length > 0 ? `it waited for ${blocked.join('; ')}` : null
  return new Failure(failure.code, failure.message, {
    why: [failure.why, state, waited].filter(line => line !== null).join('\n'),
    fix: blocked.length > 0 ? 'end that session or wait for it, then deploy again' : failure.fix,
    facts: { ...failure.facts, applied: half, pending: after?.pending ?? [], blocked },
    cause: failure,
  })
}

/** drizzle-kit push asks a question when it is unsure, finds nobody there, and exits 0 having done nothing. */
const pushed = (command: readonly string[]): boolean =>
  command.some(c => c.includes('drizzle-kit')) && command.includes('push')

function unproven(step: ReleaseStepConfig, done: Finished): Failure {
  return new Failure('release.nothing-applied', 'the release step ended well and applied nothing', {
    why: `${step.command.join(' ')} said neither that changes were applied nor that there were none\n${telling(done.tail)}`,
    fix: 'it probably asked a question that nobody could answer: use versioned migrations (drizzle-kit generate, then migrate)',
  })
}

function notApplied(pending: string[], step: ReleaseStepConfig | null): Failure {
  const command =
    step === null ? 'there is no release: command in innkeeper.yaml' : `${step.command.join(' ')} exited 0`
  return new Failure(
    'release.nothing-applied',
    `${count(pending.length, 'migration')} ${pending.length === 1 ? 'is' : 'are'} still pending after the release step`,
    {
      why: `${command}, and the database does not have ${list(pending)}`,
      fix: 'correct release: in innkeeper.yaml so that it applies them (or migrations: if they live elsewhere), then deploy again',
      facts: { pending },
    },
  )
}

function broken(names: string[]): Failure {
  return new Failure('release.broken-migration', `${list(names)} began earlier and never ended`, {
    why: 'the migration tool has it recorded as failed, and refuses to go on',
    fix: 'look at what it left behind, then mark it: npx prisma migrate resolve --rolled-back (or --applied) NAME',
    facts: { broken: names },
  })
}

/** Applies .sql files. Each file and its record share one transaction, unless its first line says `-- no-transaction`. */
async function applySql(
  place: MigrationPlace,
  pending: readonly string[],
  query: Query,
  say: (line: string) => void,
): Promise<void> {
  await query(
    'create table if not exists schema_migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
  )
  for (const name of pending) {
    const sql = (await place.source.text(join(place.folder, name)))!
    const alone = /^--\s*no-transaction/i.test(sql)
    try {
      if (!alone) await query('begin')
      await query(sql)
      await query('insert into schema_migrations (name, checksum) values ($1, $2)', [
        name,
        createHash('sha256').update(sql).digest('hex'),
      ])
      if (!alone) await query('commit')
    } catch (error) {
      await query('rollback').catch(() => {}) // The connection itself may be what failed.
      const why = `${(error as Error).message}${alone ? '' : '; it was rolled back'}`
      throw new Failure('release.failed', `${name} failed; the old version goes on serving`, {
        why,
        fix: 'correct the file, then deploy again',
        cause: error,
      })
    }
    say(`applied: ${name}`)
  }
}
