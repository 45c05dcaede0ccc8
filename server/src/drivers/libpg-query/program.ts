import { loadModule, parseSync, SqlError, scanSync } from 'libpg-query'
import type { Parsed, ParsedFile, Uses } from '../../apps/lint/op.ts'
import { statementsOf as splitSql } from '../../apps/releases/sql-statements.ts'
import { constants } from './nodes.ts'
import { opsOf } from './read.ts'
import { usesOf } from './uses.ts'

/** Of a statement, for people. */
const LETTERS = 600
const NAME_BYTES = 63
/** Of a statement's constants; values of an enum are shorter. */
const MOST_TEXTS = 200

export interface Question {
  do: 'parse' | 'uses'
  texts: readonly string[]
}

/** Letters that are parsed at a time: a tree takes fifty times as much. */
const PIECE = 512 * 1024

/** The statements of a file, by PostgreSQL's own grammar. What stands before a mistake of a large file is read all the same. */
export function parseFile(sql: string): ParsedFile {
  const found: ParsedFile[] = []
  let line = 0
  for (const piece of piecesOf(sql)) {
    const one = parsePiece(piece, line)
    found.push(one)
    if (one.error !== null) break
    line += piece.split('\n').length - 1
  }
  return {
    statements: worthSaying(found.flatMap(({ statements }) => statements)),
    count: found.reduce((sum, { count }) => sum + count, 0),
    error: found.at(-1)?.error ?? null,
  }
}

function piecesOf(sql: string): string[] {
  if (sql.length <= PIECE) return [sql]
  const pieces: string[] = []
  let from = 0
  for (const { end } of splitSql(sql))
    if (end - from > PIECE) {
      pieces.push(sql.slice(from, end))
      from = end
    }
  return [...pieces, sql.slice(from)]
}

/** `before`: lines of the file that come before it. Positions of the library count bytes of UTF-8. */
function parsePiece(sql: string, before: number): ParsedFile {
  // The library takes no text at all for a mistake of its caller.
  if (sql.trim() === '') return { statements: [], count: 0, error: null }
  try {
    const { stmts = [] } = parseSync(sql)
    const statements = stmts.length === 0 ? [] : statementsOf(sql, stmts)
    return {
      statements: worthSaying(statements).map(one => ({ ...one, line: one.line + before })),
      ...{ count: stmts.length, error: null },
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    const at = error.sqlDetails?.cursorPosition ?? 0
    const line = [...sql].slice(0, at).filter(letter => letter === '\n').length + 1
    return { statements: [], count: 0, error: { line: before + line, message: error.message } }
  }
}

/** A dump has a statement for each row. Those that put in rows matter only where they may use a new value of an enum. */
function worthSaying(statements: readonly Parsed[]): Parsed[] {
  const addsValue = statements.some(({ ops }) => ops.some(({ kind }) => kind === 'enum.add'))
  return statements
    .filter(
      ({ ops, comments, long }) =>
        addsValue ||
        long.length > 0 ||
        comments.some(comment => comment.includes('inn-allow')) ||
        ops.some(op => op.kind !== 'rows.change' || !op.bounded),
    )
    .map(one => (addsValue ? one : { ...one, texts: [] }))
}

type RawStatements = NonNullable<ReturnType<typeof parseSync>['stmts']>

function statementsOf(sql: string, raw: RawStatements): Parsed[] {
  const bytes = Buffer.from(sql)
  const lines = linesOf(bytes)
  const { tokens } = scanSync(sql)
  let next = 0
  /** The tokens that begin before a byte. */
  const until = (end: number) => {
    const from = next
    while (next < tokens.length && tokens[next]!.start < end) next++
    return tokens.slice(from, next)
  }
  return raw.map(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
    const to = length ? from + length : bytes.length
    const own = until(to)
    const start = own.find(({ tokenName }) => !isComment(tokenName) && tokenName !== SEMICOLON)?.start ?? from
    const lineEnd = bytes.indexOf('\n', to)
    const text = bytes.subarray(start, to).toString().trim()
    return {
      line: lines(start),
      text: text.length > LETTERS ? `${text.slice(0, LETTERS)}…` : text,
      // A comment behind the semicolon, on the same line, is about what stands before it.
      comments: [...own, ...behind(lineEnd < 0 ? bytes.length : lineEnd)]
        .filter(({ tokenName }) => isComment(tokenName))
        .map(token => token.text),
      texts: constants(stmt).slice(0, MOST_TEXTS),
      long: own.filter(isLongName).map(token => token.text),
      ops: opsOf(stmt),
    }
  })

  function behind(lineEnd: number) {
    const rest = tokens.slice(next, next + 2)
    const only = rest[0]?.tokenName === SEMICOLON && rest[1] !== undefined && isComment(rest[1].tokenName)
    return only && rest[1]!.start < lineEnd ? until(rest[1]!.end) : []
  }
}

const SEMICOLON = 'ASCII_59'
const isComment = (tokenName: string): boolean => tokenName.endsWith('COMMENT')

/** The parser cuts names itself, so the text has to be asked. Words of SQL are shorter. */
const isLongName = ({
  start,
  end,
  tokenName,
  text,
}: {
  start: number
  end: number
  tokenName: string
  text: string
}) =>
  end - start - (text.startsWith('"') ? 2 : 0) > NAME_BYTES &&
  (tokenName === 'IDENT' || tokenName === 'UIDENT')

/** Offset in bytes → line, for offsets that only grow. */
function linesOf(bytes: Buffer): (offset: number) => number {
  let [line, at] = [1, 0]
  return offset => {
    for (; at < offset; at++) if (bytes[at] === 10) line++
    return line
  }
}

export function usesIn(statement: string): Uses | null {
  try {
    return usesOf(parseSync(statement).stmts)
  } catch (error) {
    if (error instanceof SqlError) return null
    throw error
  }
}

// Run by apart.ts: it takes one question from standard input, and prints the answer.
if (import.meta.main) {
  const pieces: Buffer[] = []
  for await (const piece of process.stdin) pieces.push(piece as Buffer)
  const question = JSON.parse(Buffer.concat(pieces).toString()) as Question
  await loadModule()
  const answer = question.do === 'parse' ? question.texts.map(parseFile) : question.texts.map(usesIn)
  process.stdout.write(JSON.stringify(answer))
}
