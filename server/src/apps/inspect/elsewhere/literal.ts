/** What is no literal: a call, a name, a sum. Nothing of it is run. */
export class Unread {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

const OPENING = '([{'
const CLOSING = ')]}'
/** Deeper than any file that a person writes, and less than what would end the stack. */
const DEEPEST = 60
const LONGEST = 64 * 1024

/** Constants of a file by their places, and how often they may still be looked up: they may name each other. */
interface Names {
  places: ReadonlyMap<string, number>
  left: number
}

/** A place in a text of JavaScript, of which only literals are understood. */
class Cursor {
  at = 0
  readonly source: string
  readonly names: Names

  constructor(source: string, names: Names) {
    this.source = source
    this.names = names
  }

  space(): void {
    const match = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y
    match.lastIndex = this.at
    this.at += match.exec(this.source)?.[0].length ?? 0
  }

  take(pattern: RegExp): string | null {
    const sticky = new RegExp(pattern.source, 'y')
    sticky.lastIndex = this.at
    const found = sticky.exec(this.source)?.[0] ?? null
    if (found !== null) this.at += found.length
    return found
  }

  /** Goes on to the `,` or the bracket that ends the expression. */
  skip(): void {
    let depth = 0
    while (this.at < this.source.length) {
      if (this.string() !== null) continue
      this.space()
      const char = this.source[this.at] ?? ''
      if (depth === 0 && (char === '' || `,;${CLOSING}`.includes(char))) return
      if (OPENING.includes(char)) depth++
      if (CLOSING.includes(char)) depth--
      if (!/['"`]/.test(char) || this.string() === null) this.at++
    }
  }

  string(): string | null {
    const raw = this.take(/'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`/)
    return raw === null
      ? null
      : raw.slice(1, -1).replaceAll(/\\([\s\S])/g, (_all, char) => ESCAPES[char] ?? char)
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' }

/** `last`: a statement may follow it without a sign between. */
function value(cursor: Cursor, depth: number, last = false): unknown {
  cursor.space()
  const from = cursor.at
  const found = depth > DEEPEST ? undefined : literal(cursor, depth)
  cursor.space()
  // What goes on after a literal is an expression of which the literal is a part.
  if (found !== undefined && /^(?:[,;)\]}]|$)/.test(cursor.source.slice(cursor.at, cursor.at + 1)))
    return found
  if (found !== undefined && /^[^.+?:=*/|&(-]/.test(cursor.source.slice(cursor.at)) && last) return found
  cursor.at = from
  cursor.skip()
  return new Unread(cursor.source.slice(from, cursor.at).trim())
}

function literal(cursor: Cursor, depth: number): unknown {
  const char = cursor.source[cursor.at] ?? ''
  if (char === '{') return mapping(cursor, depth)
  if (char === '[') return sequence(cursor, depth)
  const template = char === '`'
  const string = cursor.string()
  if (string !== null) return template && string.includes('${') ? undefined : string
  const number = cursor.take(/-?(?:\d[\d_]*)(?:\.\d+)?(?:e[+-]?\d+)?/)
  if (number !== null) return Number(number.replaceAll('_', ''))
  const word = cursor.take(/[A-Za-z_$][\w$]*/)
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'null' || word === 'undefined') return null
  return word === null ? undefined : named(cursor, word, depth)
}

/** A constant of the same file that is a literal itself. */
function named(cursor: Cursor, word: string, depth: number): unknown {
  const place = cursor.names.places.get(word)
  if (place === undefined || cursor.names.left-- <= 0) return undefined
  const inner = new Cursor(cursor.source, cursor.names)
  inner.at = place
  const found = value(inner, depth + 20, true)
  return found instanceof Unread ? undefined : found
}

function sequence(cursor: Cursor, depth: number): unknown[] {
  const found: unknown[] = []
  cursor.at++
  for (;;) {
    cursor.space()
    if (cursor.take(/\]/) !== null || cursor.at >= cursor.source.length) return found
    const from = cursor.at
    found.push(value(cursor, depth + 1))
    cursor.take(/,/)
    if (cursor.at === from) cursor.at++
  }
}

function mapping(cursor: Cursor, depth: number): Record<string, unknown> {
  // No prototype: a key such as __proto__ is a key.
  const found: Record<string, unknown> = Object.create(null)
  cursor.at++
  for (;;) {
    cursor.space()
    if (cursor.take(/\}/) !== null || cursor.at >= cursor.source.length) return found
    const from = cursor.at
    const key = cursor.string() ?? cursor.take(/[\w$-]+/)
    cursor.space()
    if (key !== null && cursor.take(/:/) !== null) found[key] = value(cursor, depth + 1)
    else if (key !== null && cursor.names.places.has(key))
      found[key] = named(cursor, key, depth) ?? new Unread(key)
    else {
      // A spread, a method, a computed key.
      cursor.at = from
      cursor.skip()
      const source = cursor.source.slice(from, cursor.at).trim()
      const spread = named(cursor, /^\.\.\.([\w$]+)$/.exec(source)?.[1] ?? '', depth)
      if (typeof spread === 'object') Object.assign(found, spread)
      else if (source !== '') found[source] = new Unread(source)
    }
    cursor.take(/[,;]/)
    if (cursor.at === from) cursor.at++
  }
}

/**
 * What a module of JavaScript exports, as far as it is literals. The file comes from somebody else, so nothing in it is
 * run: what is not a literal is an `Unread`. Plain JSON is read the same way, with comments and without.
 */
export function exported(source: string): unknown {
  if (source.length > LONGEST) return new Unread('it is longer than such files are')
  const places = new Map<string, number>()
  for (const match of source.matchAll(/^(?:const|let|var)\s+([A-Za-z_$][\w$]*)(?:\s*:[^=\n]+)?\s*=(?!=)/gm))
    places.set(match[1]!, match.index + match[0].length)
  const cursor = new Cursor(source, { places, left: 200 })
  const exports = /\bmodule\.exports\s*=(?!=)|\bexport\s+default\b/.exec(source)
  if (exports !== null) cursor.at = exports.index + exports[0].length
  else cursor.space()
  if (exports === null && !/[[{]/.test(source[cursor.at] ?? '')) return new Unread(source.trim())
  return value(cursor, 0, true)
}
