import type { ReleaseStepConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { count, list } from '../../kernel/words.ts'
import type { MigrationList, MigrationPlace } from '../databases/migrations.ts'
import type { Finished } from './runner.ts'

/** The command of the release step failed. `reason`: what the database says, where the command itself says nothing. */
export function ended(step: ReleaseStepConfig, done: Finished, reason: string | null): Failure {
  return new Failure('release.failed', 'the release step failed', {
    why: `${step.command.join(' ')} ended with ${done.code ?? done.signal}\n${reason ?? telling(done.tail)}`,
    fix: 'correct the migration, then deploy again',
  })
}

/** Named each time, because nothing else tells: queries that do without the index are only slow. */
export const invalidText = (indexes: readonly string[]): string =>
  `${list(indexes)} ${indexes.length === 1 ? 'is an invalid index' : 'are invalid indexes'}, which a build that failed left behind: queries do without it, and a unique one may let duplicates in; drop it and create it again`

/** What serves while the release step runs: the version before, nothing yet, or nothing because data is being restored. */
export type Serves = 'before' | 'none' | 'restored'

const GOES_ON: Record<Serves, string> = {
  before: '; the old version goes on serving',
  none: '',
  restored: '; what was there before is put back',
}

interface Found {
  serves: Serves
  invalid: readonly string[]
  before: MigrationList | null
  after: MigrationList | null
  blocked: readonly string[]
}

/** The same failure, with what it left in the database and which sessions it waited for. */
export function explained(failure: Failure, found: Found): Failure {
  const { before, after, invalid, blocked, serves } = found
  const half = (after?.applied ?? []).filter(name => !before!.applied.includes(name))
  const state =
    half.length > 0
      ? partly(half, after!.pending, serves)
      : before !== null && after === null
        ? 'which migrations were applied cannot be read now.'
        : before === null
          ? null
          : `no migration was applied${'statements' in failure.facts ? ' whole' : ''}.`
  const held =
    after?.locked == null
      ? null
      : `the migration tool still holds its lock, because it was cut off outside of a transaction: give it up with ${after.locked} before the next deploy.`
  const waited = blocked.length > 0 ? `it waited for ${blocked.join('; ')}` : null
  const goesOn = failure.code === 'release.failed' ? GOES_ON[serves] : ''
  const fix =
    serves === 'restored'
      ? 'restore without `--migrate`: the data comes back as it was; then deploy a release that suits it'
      : failure.fix
  return new Failure(failure.code, `${failure.message}${goesOn}`, {
    why: [failure.why, state, held, invalid.length > 0 ? `${invalidText(invalid)}.` : null, waited]
      .filter(line => line !== null)
      .join('\n'),
    fix: blocked.length > 0 ? 'end that session or wait for it, then try again' : fix,
    facts: { ...failure.facts, applied: half, pending: after?.pending ?? [], blocked, invalid },
    cause: failure,
  })
}

/** What a step that failed had applied until then. */
function partly(done: readonly string[], pending: readonly string[], serves: Serves): string {
  const [was, stays] = done.length === 1 ? ['was', 'stays'] : ['were', 'stay']
  if (serves === 'restored') return `${list(done)} ${was} applied to the restored data, which is given up.`
  const old = serves === 'before' ? ' The old version still serves, now on the changed schema.' : ''
  return `${list(done)} ${was} applied and ${stays}; ${list(pending)} not.${old}`
}

export function unproven(step: ReleaseStepConfig, done: Finished): Failure {
  return new Failure('release.nothing-applied', 'the release step ended well and applied nothing', {
    why: `${step.command.join(' ')} said neither that changes were applied nor that there were none\n${telling(done.tail)}`,
    fix: 'it probably asked a question that nobody could answer: use versioned migrations (drizzle-kit generate, then migrate)',
  })
}

export function notApplied(
  place: MigrationPlace,
  { pending, table }: MigrationList,
  step: ReleaseStepConfig | null,
): Failure {
  const command =
    step === null ? 'there is no release: command in innkeeper.yaml' : `${step.command.join(' ')} exited 0`
  const where =
    table === null
      ? `; no table of ${place.tool} was found that the owner of the database can read`
      : ` in ${table.schema}.${table.name}`
  return new Failure(
    'release.nothing-applied',
    `${count(pending.length, 'migration')} ${pending.length === 1 ? 'is' : 'are'} still pending after the release step`,
    {
      why: `${command}, and the database does not have ${list(pending)}${where}`,
      fix:
        table === null && step !== null
          ? 'if it was applied, say where the tool records it (migrations: { table: schema.name } in innkeeper.yaml); if not, correct release: so that it applies them; if nothing applies these files any more, write migrations: false; then deploy again'
          : 'correct release: in innkeeper.yaml so that it applies them (or migrations: if they live elsewhere; migrations: false if nothing applies these files any more), then deploy again',
      facts: { pending },
    },
  )
}

/** Knex says "already locked" from then on, and never by whom. */
export function locked({ applied, pending, locked: unlock }: MigrationList): Failure {
  const state =
    pending.length === 0
      ? 'all migrations of this release are applied'
      : `of this release ${applied.length === 0 ? 'none' : list(applied)} ${applied.length < 2 ? 'is' : 'are'} applied, ${list(pending)} not`
  return new Failure(
    'release.locked-migrations',
    'the migration tool holds its lock, and would refuse to begin',
    {
      why: `either it runs at this moment somewhere else, or an earlier run was cut off outside of a transaction, and what it had done until then stayed; ${state}`,
      fix: `see that nobody else migrates this database, look at what the first pending one left behind, then give up the lock: \`${unlock}\`, as the release command of one deploy or with the owner's url; then deploy again`,
      facts: { applied, pending },
    },
  )
}

export function down(files: string[]): Failure {
  return new Failure('release.down-files', `node-pg-migrate would run ${list(files)} as a migration`, {
    why: 'it does not know the ending .down.sql: each file of the folder is a migration to it, and by its name the one that undoes comes first',
    fix: 'put both into one file, below -- Up Migration and -- Down Migration, or take the .down.sql files out of the folder; if nothing applies this folder any more, write migrations: false in innkeeper.yaml; then deploy again',
    facts: { files },
  })
}

export function broken(names: string[]): Failure {
  return new Failure('release.broken-migration', `${list(names)} began earlier and never ended`, {
    why: 'the migration tool has it recorded as failed, and refuses to go on',
    fix: 'look at what it left behind, then mark it: `npx prisma migrate resolve --rolled-back NAME`, or --applied instead; if nothing applies its migrations any more, write migrations: false in innkeeper.yaml',
    facts: { broken: names },
  })
}
