import type { Known, OpenSession } from './facts.ts'
import type { Draft, Finding, Level } from './finding.ts'
import type { Migration } from './migration.ts'
import type { Name, Parsed } from './op.ts'
import { beginning, keyOf, type Place, type Progress, show } from './place.ts'
import { allowances } from './rule-allow.ts'
import { unindexed } from './rule-foreign.ts'
import { draftsOf } from './rule-statement.ts'
import { endTransaction } from './rule-transactions.ts'

/** What is to be said of pending migrations before they run, those of one migration in the order of its lines. */
export function judge(migrations: readonly Migration[], known: Known): Finding[] {
  const progress = beginning()
  const all = migrations.some(({ mode }) => mode === 'all')
  const found = migrations.flatMap(migration => {
    if (!all) endTransaction({ progress })
    return judgeOne(migration, known, progress)
  })
  return [...sessions(migrations, known), ...found, ...unindexed(migrations, known)]
}

function judgeOne(migration: Migration, known: Known, progress: Progress): Finding[] {
  const { name, sql, mode, tool } = migration
  const whole = (draft: Draft, line: number | null = null): Finding => ({
    ...full(draft),
    migration: name,
    line,
    statement: '',
  })
  if (sql === null) return [whole(code(tool))]
  if (sql.error !== null) return [whole(syntax(sql.error.message), sql.error.line)]
  progress.begun = false
  const found = sql.statements.flatMap(statement => {
    const place: Place = { known, progress, tool, transaction: mode !== 'none' || progress.begun }
    return judgeStatement(place, name, statement)
  })
  return progress.begun ? [...found, whole(OPEN)] : found
}

function judgeStatement(place: Place, migration: string, statement: Parsed): Finding[] {
  const drafts = draftsOf(place, statement)
  const { reasons, unused } = allowances(statement, drafts)
  return [...drafts, ...unused].map(draft => ({
    ...full(draft),
    ...{ migration, line: statement.line, statement: statement.text },
    allowed: reasons.get(draft.rule) ?? null,
  }))
}

const full = (draft: Draft) => ({ takesMs: null, safe: [], fix: null, allowed: null, ...draft })

const OPEN: Draft = {
  ...{ rule: 'transaction.open', level: 'bad', what: 'it begins a transaction and never commits it' },
  ...{ why: 'nothing of it would stay', fix: 'write the commit, or leave out the begin' },
}

const syntax = (message: string): Draft => ({
  ...{ rule: 'sql.syntax', level: 'warning', what: message },
  why: "PostgreSQL's own parser says so; nothing of this file was judged, unless its tool fills something in before it runs it",
})

const code = (tool: string): Draft => ({
  ...{
    rule: 'sql.code',
    level: 'note',
    what: 'it is code, and what it does is decided when it runs',
    why: tool,
  },
})

/** Whoever holds a lock now that a migration needs makes it wait, and everybody behind it. */
function sessions(migrations: readonly Migration[], { live }: Known): Finding[] {
  const touched = new Set(migrations.flatMap(tablesOf).map(keyOf))
  return (live?.sessions ?? []).flatMap(session => {
    const tables = session.tables.filter(table => touched.has(keyOf(table)))
    if (tables.length === 0) return []
    return [{ ...full(open(session, tables)), migration: migrations[0]!.name, line: null, statement: '' }]
  })
}

const tablesOf = ({ sql }: Migration): Name[] =>
  (sql?.statements ?? []).flatMap(({ ops }) =>
    ops.flatMap(op => ('table' in op && op.table !== null ? [op.table] : [])),
  )

const open = ({ pid, application, seconds, idle, dump }: OpenSession, tables: readonly Name[]): Draft => ({
  ...{ rule: 'session.open', level: 'warning' },
  what: `${application || 'a session'} (pid ${pid}) has had a transaction open for ${seconds} s, with locks on ${tables.slice(0, 3).map(show).join(', ')}`,
  why: dump
    ? 'a dump reads every table; Innkeeper waits for its end before it migrates'
    : `the migration would wait for it${idle ? ', and it does nothing' : ''}; whoever asks these tables would wait behind the migration`,
  fix: dump ? null : `\`inn db kill ${pid}\` ends it`,
})

/** The worst of what nobody allowed. */
export const worst = (findings: readonly Finding[]): Level | null => {
  const open_ = findings.filter(({ allowed }) => allowed === null).map(({ level }) => level)
  return (['bad', 'warning', 'note'] as const).find(level => open_.includes(level)) ?? null
}
