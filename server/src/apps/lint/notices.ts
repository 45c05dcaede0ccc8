import { Failure } from '../../kernel/failure.ts'
import type { Finding } from './finding.ts'
import type { Judged } from './lint.ts'

/** Most that a plan says of migrations; `inn db lint` says all. */
const MOST = 8

const where = ({ migration, line }: Finding): string =>
  line === null ? migration : `${migration}, line ${line}`

/** How long something takes, for people; it is an estimate. */
export const lasting = (ms: number): string =>
  ms < 1_000
    ? 'less than a second'
    : ms < 90_000
      ? `about ${Math.round(ms / 1000)} s`
      : `about ${Math.round(ms / 60_000)} min`

const sentence = (one: Finding): string =>
  `${where(one)}: ${one.what} (${one.rule}${one.takesMs === null ? '' : `, ${lasting(one.takesMs)}`}): ${one.why}`

/** What a plan says of the migrations that its deploy would run. Notes are left to `inn db lint`. */
export function lintNotices({ findings, why }: Judged): string[] {
  if (why !== null) return [`its migrations were not judged (${why})`]
  const told = findings.filter(({ level, allowed }) => level !== 'note' && allowed === null)
  return [
    ...told.slice(0, MOST).map(sentence),
    ...(told.length > MOST
      ? [`${told.length - MOST} more of its migrations: \`inn db lint\` says them`]
      : []),
  ]
}

/** Refuses migrations that would fail, break what serves, or stand still for long, unless the file allows it. Failure `lint.refused`. */
export function refuseBad({ findings }: Judged): void {
  const bad = findings.filter(({ level, allowed }) => level === 'bad' && allowed === null)
  if (bad.length === 0) return
  const [first] = bad as [Finding, ...Finding[]]
  throw new Failure(
    'lint.refused',
    `${bad.length === 1 ? 'a migration is' : 'migrations are'} dangerous for what serves`,
    {
      why: bad.slice(0, MOST).map(sentence).join('\n'),
      fix: `\`inn db lint\` shows the safe form of each; to run it as it is, write \`-- inn-allow ${first.rule}: REASON\` above the statement, or \`migrations: { lint: warn }\` in innkeeper.yaml`,
      facts: { findings: bad.map(({ rule, migration, line }) => ({ rule, migration, line })) },
    },
  )
}
