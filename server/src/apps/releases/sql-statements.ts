/** One statement of a file of SQL. */
export interface Statement {
  text: string
  /** Offsets into the file: of its first letter that is no comment, and of what follows its semicolon. */
  start: number
  end: number
  /** Its words in small letters, without comments, quoted names and quoted text: enough to tell what kind it is. */
  words: string
}

/**
 * Splits SQL where PostgreSQL's own psql would: at semicolons outside of text, names, comments, dollar quotes,
 * brackets (a rule has several statements in them) and bodies of functions (`begin atomic … end`). It is no parser;
 * what it does not understand stays one statement, for PostgreSQL to refuse. The packages that split do less
 * (dollar quotes or nested comments are missing) or bring a whole grammar.
 * `standard_conforming_strings` is taken to be on, as it is since PostgreSQL 9.1.
 */
export function statementsOf(sql: string): Statement[] {
  const found: Statement[] = []
  let current = fresh()
  for (let at = 0; at < sql.length; ) {
    const token = tokenAt(sql, at)
    if (token.kind === 'end' && current.brackets <= 0 && current.bodies === 0) {
      if (current.start !== null) found.push(finished(sql, current, token.to))
      current = fresh()
    } else if (token.kind !== 'blank') {
      current.start ??= at
      count(current, token.kind, sql.slice(at, token.to))
    }
    at = token.to
  }
  if (current.start !== null) found.push(finished(sql, current, sql.length))
  return found
}

interface Open {
  start: number | null
  words: string[]
  brackets: number
  bodies: number
}

const fresh = (): Open => ({ start: null, words: [], brackets: 0, bodies: 0 })

const finished = (sql: string, { start, words }: Open, end: number): Statement => ({
  text: sql.slice(start!, end).trim(),
  start: start!,
  end,
  words: words.join(' '),
})

type Kind = 'blank' | 'end' | 'word' | 'other'

function count(open: Open, kind: Kind, text: string): void {
  if (text === '(') open.brackets++
  if (text === ')') open.brackets--
  if (kind !== 'word') return
  const word = text.toLowerCase()
  open.words.push(word)
  const [first, second, third, fourth] = open.words
  const named = second === 'or' && third === 'replace' ? fourth : second
  if (first !== 'create' || (named !== 'function' && named !== 'procedure')) return
  if (word === 'begin' || (word === 'case' && open.bodies > 0)) open.bodies++
  if (word === 'end' && open.bodies > 0) open.bodies--
}

const BLANK = /\s+|--[^\n]*/y
const WORD = /[\w\u0080-\uffff][\w$\u0080-\uffff]*/y
// Text with backslashes has to be told from a word that begins with an e, and comes before it.
const QUOTED = /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*(?:'|$)|'[^']*(?:'|$)|"[^"]*(?:"|$)/y
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y

function tokenAt(sql: string, at: number): { kind: Kind; to: number } {
  const match = (pattern: RegExp): number | null => {
    pattern.lastIndex = at
    return pattern.test(sql) ? pattern.lastIndex : null
  }
  if (sql.startsWith('/*', at)) return { kind: 'blank', to: commentEnd(sql, at) }
  const blank = match(BLANK)
  if (blank !== null) return { kind: 'blank', to: blank }
  const quoted = match(QUOTED)
  if (quoted !== null) return { kind: 'other', to: quoted }
  const word = match(WORD)
  if (word !== null) return { kind: 'word', to: word }
  const dollar = match(DOLLAR)
  if (dollar !== null) {
    const close = sql.indexOf(sql.slice(at, dollar), dollar)
    return { kind: 'other', to: close < 0 ? sql.length : close + (dollar - at) }
  }
  return { kind: sql[at] === ';' ? 'end' : 'other', to: at + 1 }
}

/** PostgreSQL's comments nest, unlike those of C. */
function commentEnd(sql: string, at: number): number {
  const edge = /\/\*|\*\//g
  edge.lastIndex = at
  let depth = 0
  for (let found = edge.exec(sql); found !== null; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return edge.lastIndex
  }
  return sql.length
}
