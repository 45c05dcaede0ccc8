import { Failure } from '../../kernel/failure.ts'
import type { Labels } from './alert.ts'

/** One condition on a label. A label that is missing is the empty text; a regular expression is anchored. */
export interface Matcher {
  name: string
  value: string
  isRegex: boolean
  isEqual: boolean
}

export interface Silence {
  id: string
  matchers: readonly Matcher[]
  startsAt: number
  endsAt: number
  updatedAt: number
  createdBy: string
  comment: string
}

export type SilenceState = 'active' | 'pending' | 'expired'

export const stateOf = (
  { startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>,
  now: number,
): SilenceState => (endsAt <= now ? 'expired' : startsAt > now ? 'pending' : 'active')

export function matches({ name, value, isRegex, isEqual }: Matcher, labels: Labels): boolean {
  const actual = labels[name] ?? ''
  const found = isRegex ? new RegExp(`^(?:${value})$`, 's').test(actual) : actual === value
  return found === isEqual
}

export const matchesAll = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.every(matcher => matches(matcher, labels))

/** The silences that keep an alert quiet now. */
export const silencedBy = (labels: Labels, silences: readonly Silence[], now: number): string[] =>
  silences
    .filter(one => stateOf(one, now) === 'active' && matchesAll(one.matchers, labels))
    .map(one => one.id)

/** Why matchers cannot stand; null: they can. */
export function wrongMatchers(matchers: readonly Matcher[]): string | null {
  if (matchers.length === 0) return 'at least one matcher required'
  for (const [at, { name, value, isRegex }] of matchers.entries()) {
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
      return `invalid label matcher ${at}: invalid label name "${name}"`
    if (isRegex && !isPattern(value))
      return `invalid label matcher ${at}: invalid regular expression "${value}"`
  }
  // It would keep everything quiet, also what nobody thought of.
  return matchers.every(matcher => matches(matcher, {}))
    ? 'at least one matcher must not match the empty string'
    : null
}

/**
 * What RE2, and so Alertmanager, does not have either. The rest is matched in linear time, because the keeper runs with
 * V8's engine for what backtracks too much; without it, one pattern could hold the keeper for ever.
 */
const BACKTRACKS = /\(\?(?:<?[=!])|\\[1-9k]/

function isPattern(value: string): boolean {
  if (BACKTRACKS.test(value)) return false
  try {
    return new RegExp(`^(?:${value})$`, 's') !== null
  } catch {
    return false
  }
}

const key = ({ name, value, isRegex, isEqual }: Matcher): string =>
  JSON.stringify([name, value, isRegex, isEqual])

/** Whether a silence stays the same one when it is changed to these matchers. */
export const sameMatchers = (one: readonly Matcher[], other: readonly Matcher[]): boolean =>
  one.map(key).sort().join() === other.map(key).sort().join()

/** `alertname=~"Disk.*"`, or a word, which is the name of an alert. null: it is neither. */
export function readMatcher(text: string): Matcher | null {
  if (/^[\w.:-]+$/.test(text)) return { name: 'alertname', value: text, isRegex: false, isEqual: true }
  const found = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*("?)(.*)\3\s*$/s.exec(text)
  if (found === null) return null
  const [, name, sign, , value] = found
  return {
    name: name!,
    value: value!.replaceAll(/\\(["\\])/g, '$1'),
    isRegex: sign!.includes('~'),
    isEqual: sign![0] === '=',
  }
}

/** `alertname=~"Disk.*"`, as it is typed. */
export const showMatcher = ({ name, value, isRegex, isEqual }: Matcher): string =>
  `${name}${isEqual ? (isRegex ? '=~' : '=') : isRegex ? '!~' : '!='}"${value}"`

export const unknownSilence = (id: string): Failure =>
  new Failure('silence.unknown', `there is no silence ${id}`, {
    why: 'it was mistyped, or is long over',
    fix: '`inn silence list` shows them',
  })
