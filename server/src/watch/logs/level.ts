import { jsonObject } from '../../kernel/json.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'

/** Words for levels, of winston, pino, bunyan, Nest and syslog. */
const LEVELS: Readonly<Record<Level, readonly string[]>> = {
  debug: ['debug', 'trace', 'verbose', 'silly', 'http'],
  info: ['info', 'log', 'notice'],
  warn: ['warn', 'warning'],
  error: ['error', 'err', 'fatal', 'critical', 'crit', 'alert', 'emerg', 'panic'],
}
const BY_WORD = new Map(
  Object.entries(LEVELS).flatMap(([level, words]) => words.map(word => [word, level as Level])),
)

const NUMBERS: ReadonlyArray<[number, Level]> = [
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [0, 'debug'],
]

/** A line of a stack trace. */
const STACK = /^\s*at .+:\d+:\d+\)?$/

export const isFrame = (text: string): boolean => STACK.test(text)

const IN_JSON = /"level"\s*:\s*(?:"(\w+)"|(\d+))/
/** With bounds, because an app can write a line that other expressions take minutes for. */
const NEST = /^\[\w+\] \d+ {1,9}- [\d/:,. APM]{1,40} {1,9}(LOG|ERROR|WARN|DEBUG|VERBOSE|FATAL) /
const FIRST_WORD =
  /^[[\s<]*(?:[\d:.TZ-]+\s+)?[[<]?(debug|trace|verbose|info|log|warn|warning|error|fatal|err)\b[\]>:]?/i

const METHOD = '(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)'
/** What Morgan says of a request in its formats dev and tiny, and in short, common and combined. */
const MORGAN = new RegExp(
  `^(?:${METHOD} \\S+ (\\d{3}) [\\d.-]+ (?:ms )?- |\\S+ - (?:\\S+ )?(?:\\[[^\\]]*\\] )?"?${METHOD} \\S+ HTTP/[\\d.]+"? (\\d{3}) )`,
)

/**
 * The level of a line: of JSON by its `level` (a word, or pino's number), of a request by its status, of plain text by
 * its first word. What leaves lines out (drivers/runit/log-filter.pl) has the same rules.
 */
export function levelOf(text: string): Level | null {
  if (/^\s*\{/.test(text)) {
    const found = IN_JSON.exec(text)
    if (found !== null) return levelOfJson(text, found)
  }
  const word = (NEST.exec(text) ?? FIRST_WORD.exec(text))?.[1]
  if (word !== undefined) return BY_WORD.get(word.toLowerCase())!
  const request = MORGAN.exec(text)
  if (request !== null) return ofStatus(Number(request[1] ?? request[2]))
  return STACK.test(text) || /^\s*(\w*Error\b|Uncaught|Unhandled)/.test(text) ? 'error' : null
}

function levelOfJson(text: string, { 0: all, 1: word, 2: number, index }: RegExpExecArray): Level | null {
  // A value in it may have a level of its own.
  const level = text.includes('"level"', index + all.length)
    ? jsonObject(text)?.['level']
    : (word ?? Number(number))
  if (typeof level === 'number') return NUMBERS.find(([from]) => level >= from)?.[1] ?? null
  return typeof level === 'string' ? (BY_WORD.get(level.toLowerCase()) ?? null) : null
}

const ofStatus = (status: number): Level => (status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info')
