import type { LogFilter } from './wire.ts'

/** What a comparison of the text as it was written would miss: signs that are taken out of a line, and escapes of JSON for what needs none. */
const OTHERWISE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]|\\(?:\/|u00[2-7])/

/**
 * Whether any line of a text may be wanted, at a glance: to read each of a million lines takes seconds, in which the
 * keeper does nothing else. Yes may be wrong, no is never.
 */
export function glance(filter: LogFilter): (text: string) => boolean {
  const needles = needlesOf(filter)
  // Whether a line has a level may depend on the one after it.
  if (needles.length === 0 || filter.level !== undefined) return () => true
  return text => {
    const low = text.toLowerCase()
    return needles.every(needle => low.includes(needle)) || OTHERWISE.test(text)
  }
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
