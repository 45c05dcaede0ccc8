import { levelOf } from './level.ts'
import type { LogFilter } from './wire.ts'

/**
 * What a comparison of the text as it was written would miss: signs that are taken out of a line, and letters that are
 * other ones when they are made small.
 */
const OTHERWISE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u0130\u2028\u2029\u212a]/
/** Escapes of JSON for what needs none. */
const ESCAPED = /\\(?:\/|u00[2-7])/

/** What a line has in it that is at this level or above; lower ones are too many to be looked for. */
const SIGNS = {
  warn: /err|warn|fatal|crit|alert|emerg|panic|uncaught|unhandled|"level"\s*:\s*\d|:\d+:\d+\)?\s*$| [45]\d\d /i,
  error: /err|fatal|crit|alert|emerg|panic|uncaught|unhandled|"level"\s*:\s*\d|:\d+:\d+\)?\s*$| 5\d\d /i,
} as const

/** How most lines of JSON begin, after their time and release: what follows their level need not be read. */
const BEGINS = /[^\s{]+ [^\s{]+ \{"level":(?:\d+|"\w+")/y

/** `odd`: whether there is more in it than plain ASCII. */
type Glance = (text: string, odd: boolean) => boolean

interface Glances {
  inBlock: Glance
  /**
   * Where the lines of a block that may have what is wanted begin and end. A line that is an error by the stack that follows
   * it is one of them.
   */
  lines(text: string, odd: boolean): Iterable<readonly [start: number, end: number]>
}

/**
 * Whether a block of lines, and which of its lines as they were written, may have what is wanted: to read each of a million
 * lines takes seconds. Yes may be wrong, no is never.
 */
export function glance(filter: LogFilter): Glances {
  const tests = needlesOf(filter).map(has)
  const escapes = filter.field !== undefined
  const isOther = (text: string, odd: boolean) =>
    (odd && OTHERWISE.test(text)) || (escapes && text.includes('\\') && ESCAPED.test(text))
  const inBlock: Glance = (text, odd) => tests.every(test => test(text)) || isOther(text, odd)
  const { level } = filter
  const atLevel = level === 'error' || level === 'warn' ? levelTest(level) : null
  return {
    inBlock,
    *lines(text, odd) {
      // Letters of any language alone are no reason to look closer.
      const other = isOther(text, odd)
      const below = other || atLevel === null ? null : belowIn(text, level as Level)
      for (let start = 0, end = 0; end < text.length; start = end + 1) {
        end = text.indexOf('\n', start)
        if (end === -1) end = text.length
        if (below?.(start, end)) continue
        const line = text.slice(start, end)
        const may = tests.every(test => test(line)) && (atLevel?.(line) ?? true)
        if (
          may ||
          (atLevel !== null && lineAfter(text, end).includes(' at ')) ||
          (other && isOther(line, odd))
        )
          yield [start, end]
      }
    },
  }
}
type Level = keyof typeof SIGNS

const levelTest = (wanted: Level) => (text: string) => SIGNS[wanted].test(text)

/** Says of lines of JSON, one after the other, whether they begin with a level below the one that is wanted. */
function belowIn(text: string, wanted: Level): (start: number, end: number) => boolean {
  const known = new Map<string, boolean>()
  let another = -1
  return (start, end) => {
    BEGINS.lastIndex = start
    if (!BEGINS.test(text)) return false
    const begins = text.slice(text.indexOf('{', start), BEGINS.lastIndex)
    // A value in it may have a level of its own.
    if (another < BEGINS.lastIndex) another = text.indexOf('"level"', BEGINS.lastIndex)
    if (another === -1) another = text.length
    if (another < end) return false
    const below = known.get(begins) ?? isBelow(levelOf(`${begins}}`), wanted)
    known.set(begins, below)
    return below
  }
}

/** A level that nobody knows is none, and a stack may follow. */
const isBelow = (level: string | null, wanted: Level): boolean =>
  level !== null && level !== 'error' && level !== wanted

/** The line after the one that ends there. */
export function lineAfter(text: string, end: number): string {
  const until = text.indexOf('\n', end + 1)
  return text.slice(end + 1, until === -1 ? undefined : until)
}

/** An expression finds letters of both sizes in a quarter of the time that it takes to make a text small. */
function has(needle: string): (text: string) => boolean {
  if (!/^[\x20-\x7e]*$/.test(needle)) return text => text.toLowerCase().includes(needle)
  const expression = new RegExp(RegExp.escape(needle), 'i')
  return text => expression.test(text)
}

function needlesOf({ grep = '', field = [] }: LogFilter): string[] {
  const ofFields = field.flatMap(text => {
    const [path, value] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]
    return [path.split('.').at(-1)!, value].filter(isPlain)
  })
  return [grep, ...ofFields].filter(needle => needle !== '').map(needle => needle.toLowerCase())
}

/** Whether JSON writes it in one way only. */
const isPlain = (text: string): boolean => /^[\x20!#-\x5b\x5d-\x7e]*$/.test(text)
