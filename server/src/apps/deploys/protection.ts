import type { Role } from '../../api/wire.ts'
import type { Protection } from '../../config/protection.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'

/** When a cron pattern is due next after a moment; null: never. */
export type NextRun = (pattern: string, after: number) => number | null

export interface Attempt {
  app: string
  /** The branch that the source is of; null: it was not said. */
  branch: string | null
  /** The environment that it is promoted from; null: it is deployed. */
  from: string | null
  /** Why an admin passes all of it; null: it is kept to. */
  override: string | null
  role: Role
  now: number
}

/**
 * Refuses what the environment does not take. `protections`: of what serves and of what is to serve, so that a source
 * cannot take away what it does not keep to. Failures: `protection.branch`, `protection.from`, `protection.freeze`.
 */
export function checkProtection(
  protections: ReadonlyArray<Protection | undefined>,
  attempt: Attempt,
  nextRun: NextRun,
): void {
  if (attempt.override !== null) {
    mayOverride(attempt)
    return
  }
  for (const protection of protections) {
    if (protection === undefined) continue
    checkBranch(protection, attempt)
    checkFrom(protection, attempt)
    checkFreeze(protection, attempt, nextRun)
  }
}

function mayOverride({ role }: Attempt): void {
  if (role === 'admin') return
  throw new Failure('access.forbidden', 'only an admin may pass the protection of an environment', {
    why: '--override passes all of protection: in innkeeper.yaml',
    fix: 'let an admin do it, or keep to what the file says',
  })
}

const PASS = '`--override "reason"`, as an admin; the audit log keeps the reason'

function checkBranch({ branches }: Protection, { app, branch }: Attempt): void {
  if (branches === undefined || (branch !== null && branches.some(name => fits(name, branch)))) return
  throw new Failure('protection.branch', `${app} takes no source of ${branch ?? 'an unknown branch'}`, {
    why: `protection: in innkeeper.yaml names ${list(branches)}${branch === null ? '; this source is not in git, or no branch is checked out' : ''}`,
    fix: `deploy a branch that it names. In an emergency: ${PASS}`,
  })
}

const fits = (name: string, branch: string): boolean =>
  name.endsWith('*') ? branch.startsWith(name.slice(0, -1)) : branch === name

function checkFrom({ from: allowed }: Protection, { app, from }: Attempt): void {
  if (allowed === undefined || (from !== null && allowed.includes(from))) return
  throw new Failure('protection.from', `${app} takes only what ${list(allowed)} serves`, {
    why: 'protection: in innkeeper.yaml says so',
    fix: `\`inn deploy --environment ${allowed[0]}\`, then \`inn promote ${allowed[0]}\`. In an emergency: ${PASS}`,
  })
}

function checkFreeze({ freeze }: Protection, { app, now }: Attempt, nextRun: NextRun): void {
  const ends = freeze.flatMap(window => endOf(window, now, nextRun) ?? [])
  if (ends.length === 0) return
  throw new Failure('protection.freeze', `${app} is frozen until ${when(Math.max(...ends))}`, {
    why: 'freeze: in innkeeper.yaml names a window for this time; rollbacks, restarts and secrets go on',
    fix: `wait until then. In an emergency: ${PASS}`,
  })
}

/** When a window that is open now ends; null: it is not open. Of an open one the end comes before the next beginning. */
function endOf({ from, to }: Protection['freeze'][number], now: number, nextRun: NextRun): number | null {
  const [begins, ends] = [nextRun(from, now), nextRun(to, now)]
  return ends !== null && (begins === null || ends <= begins) ? ends : null
}

const when = (at: number): string =>
  new Date(at).toLocaleString('sv-SE', { timeZoneName: 'short' }).slice(0, 40)
