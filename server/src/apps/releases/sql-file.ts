import { type Statement, statementsOf } from './sql-statements.ts'

/** How the statements of a file are run. */
export type SqlWay =
  /** All at once, in one transaction with its record. `offset`: where the body begins in the file. */
  | { kind: 'whole'; begin: string; body: string; offset: number; statements: Statement[] }
  /** One after the other, as the file's own begin and commit say. */
  | { kind: 'apart'; statements: Statement[] }
  | { kind: 'refused'; why: string; fix: string }

const control = ({ words }: Statement): 'begin' | 'commit' | 'chain' | 'rollback' | null => {
  if (/^(begin|start transaction)\b/.test(words)) return 'begin'
  if (/^(commit|end|rollback|abort)\b.*\band chain\b/.test(words)) return 'chain'
  if (/^(commit|end)\b/.test(words) || /^prepare transaction\b/.test(words)) return 'commit'
  return /^(rollback|abort)\b(?! (work |transaction )?to\b)/.test(words) ? 'rollback' : null
}

/** The text as PostgreSQL takes it: without a mark of its encoding, and without the lines of pg_dump (since August 2025) that psql alone understands. */
export const sqlOf = (text: string): string =>
  text.replace(/^\uFEFF/, '').replaceAll(/^\\(un)?restrict [A-Za-z0-9]+\r?$/gm, '')

/** How a file of SQL is to be run. */
export function wayOf(sql: string): SqlWay {
  const statements = statementsOf(sql)
  const controls = statements.map(control)
  if (statements.some(({ words }) => /^copy\b.*\bfrom stdin\b/.test(words)))
    return {
      kind: 'refused',
      why: 'it has rows after copy … from stdin, which psql alone can send',
      fix: 'make it with `pg_dump --inserts`, or `pg_dump --schema-only`, then deploy again',
    }
  if (openAfter(controls))
    return {
      kind: 'refused',
      why: 'it begins a transaction and never commits it, so that nothing of it would stay',
      fix: 'write the commit, or leave out the begin: each file is one transaction anyway; then deploy again',
    }
  if (/^--\s*no-transaction/i.test(sql)) return { kind: 'apart', statements }
  const whole = (begin: string, from: number, to: number): SqlWay => ({
    kind: 'whole',
    begin,
    body: sql.slice(from, to),
    offset: from,
    statements,
  })
  if (controls.every(c => c === null)) return whole('begin', 0, sql.length)
  const inner = controls.slice(1, -1)
  const [first, last] = [statements[0]!, statements.at(-1)!]
  // A file in one begin and commit gets what it asks for together with its record: cut off between the two, it would run twice.
  if (
    controls[0] === 'begin' &&
    /^(commit|end)\b/.test(last.words) &&
    controls.at(-1) === 'commit' &&
    inner.every(c => c === null)
  )
    return whole(first.text, first.end, last.start)
  return { kind: 'apart', statements }
}

type Control = ReturnType<typeof control>

const openAfter = (controls: readonly Control[]): boolean =>
  controls.reduce((open, c) => (c === null ? open : c === 'begin' || (c === 'chain' && open)), false)

/** Of statements that ran one after the other, until `failed` did: which are in the database now that an open transaction was rolled back. */
export function keptOf(statements: readonly Statement[], failed: number): number[] {
  let kept: number[] = []
  let pending: number[] | null = null
  for (let n = 0; n < failed; n++) {
    const what = control(statements[n]!)
    if (what === 'commit' || what === 'chain' || what === 'rollback') {
      if (!/^(rollback|abort)\b/.test(statements[n]!.words)) kept = [...kept, ...(pending ?? [])]
      pending = what === 'chain' ? [] : null
    } else if (what === 'begin') pending ??= []
    else if (pending !== null) pending.push(n)
    else kept.push(n)
  }
  return kept
}

/** The line of a place in a text. `position`: as PostgreSQL counts, in code points from 1; null: not known. */
export function lineAt(text: string, position: unknown): number | null {
  const at = Number(position)
  if (!Number.isInteger(at) || at < 1) return null
  return [...text].slice(0, at - 1).filter(letter => letter === '\n').length + 1
}
