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
const BEGINS = /^\S+ \S+ (\{"level":(?:\d+|"\w+"))/

/** `odd`: whether there is more in it than plain ASCII. */
type Glance = (text: string, odd: boolean) => boolean

/**
 * Whether a block of lines, or a line as it was written, may have what is wanted: to read each of a million lines takes
 * seconds. Yes may be wrong, no is never, but for a line that is an error by the stack that follows it.
 */
export function glance(filter: LogFilter): { inBlock: Glance; inLine: Glance } {
  const tests = needlesOf(filter).map(has)
  const escapes = filter.field !== undefined
  const isOther = (text: string, odd: boolean) =>
    (odd && OTHERWISE.test(text)) || (escapes && text.includes('\\') && ESCAPED.test(text))
  const inBlock: Glance = (text, odd) => tests.every(test => test(text)) || isOther(text, odd)
  const { level } = filter
  if (level !== 'error' && level !== 'warn') return { inBlock, inLine: inBlock }
  const atLevel = levelTest(level)
  return {
    inBlock,
    inLine: (text, odd) => (atLevel(text) && tests.every(test => test(text))) || isOther(text, odd),
  }
}

function levelTest(wanted: keyof typeof SIGNS): (text: string) => boolean {
  const signs = SIGNS[wanted]
  return text => {
    const begins = BEGINS.exec(text)
    if (begins === null || text.includes('"level"', begins[0].length)) return signs.test(text)
    const level = levelOf(`${begins[1]!}}`)
    return level === 'error' || level === wanted
  }
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
