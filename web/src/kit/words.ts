/** Milliseconds in words for a person: 340 ms, 4.2 s, 3 min 10 s, 2 h 5 min, 3 d 4 h. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`
  if (ms < 3_600_000) return pair(ms, [60_000, 'min'], [1000, 's'])
  if (ms < 86_400_000) return pair(ms, [3_600_000, 'h'], [60_000, 'min'])
  return pair(ms, [86_400_000, 'd'], [3_600_000, 'h'])
}

type Unit = [ms: number, name: string]

function pair(ms: number, [big, bigName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % big) / small)
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

/** Milliseconds with one unit, which is enough for "how long ago". */
export function coarse(ms: number): string {
  if (ms < 60_000) return `${Math.max(0, Math.floor(ms / 1000))} s`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min`
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h`
  return `${Math.floor(ms / 86_400_000)} d`
}

/** Bytes as a person reads them: 12 KB, 1.4 GB. */
export function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const at = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** at
  return `${at === 0 || value >= 10 ? Math.round(value) : value.toFixed(1).replace('.0', '')} ${units[at]}`
}

/** A number for a person: 0.25, 4.2, 18, 1,240. */
export function number(value: number): string {
  if (value === 0) return '0'
  if (value < 1) return value.toFixed(2)
  if (value < 10) return value.toFixed(1)
  return Math.round(value).toLocaleString('en')
}

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** 'api', 'api and web', 'api, web and bot'. */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? ''
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** A sentence with a capital first letter. One that begins with a release stays, because r15 is a name. */
export const capital = (sentence: string): string =>
  /^r\d/.test(sentence) ? sentence : sentence.slice(0, 1).toUpperCase() + sentence.slice(1)

/** 14:05:09 in the reader's own time zone. */
export const clock = (at: string | number): string =>
  new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export const clockMinutes = (at: string | number): string =>
  new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Within days the time, over days the day. `stepMs`: from one such word to the next. */
export const axisTime = (at: number, stepMs: number): string =>
  stepMs < 43_200_000
    ? clockMinutes(at)
    : new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })

export const dateTime = (at: string | number): string =>
  new Date(at).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })

/** A sentence at its commands, which the keeper puts in backticks: every second part is one. */
export const aroundCommands = (text: string): string[] => text.split(/`([^`\n]+)`/)
