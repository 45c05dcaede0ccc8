import { jsonObject } from '../../kernel/json.ts'

/** How long a shape may be: enough to know the error again. */
const LONGEST = 200

/** What differs each time that the same thing is said, most telling first. */
const VARYING: ReadonlyArray<[RegExp, string]> = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z| ?[+-]\d\d:?\d\d)?/g, 'TIME'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, 'ID'],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, 'ADDRESS'],
  [/\b(?=[a-z]*\d)(?=\d*[a-z])[\da-z]{16,}\b/gi, 'ID'],
  [/\b0x[\da-f]+\b/gi, 'N'],
  [/\d+(?:\.\d+)*/g, 'N'],
]

/** The words of a line that are the same each time: without times, ids, addresses and numbers. */
export function shapeOf(text: string): string {
  const said = (text.startsWith('{') ? messageOf(text) : null) ?? text
  const same = VARYING.reduce((left, [varying, name]) => left.replaceAll(varying, name), said)
  const whole = same.replaceAll(/\s+/g, ' ').trim()
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST)}…`
}

/** What a line of JSON says, as pino, winston, bunyan and Nest write it; null: it says nothing in words. */
export function messageOf(text: string): string | null {
  const value = jsonObject(text)
  if (value === null) return null
  const message = textOf(value['msg']) ?? textOf(value['message'])
  const error = value['err'] ?? value['error']
  const reason = typeof error === 'object' && error !== null ? errorText(error as Json) : textOf(error)
  if (message === null || reason === null || message.includes(reason)) return message ?? reason
  return reason.includes(message) ? reason : `${message}: ${reason}`
}

type Json = Record<string, unknown>

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

function errorText({ type, name, message }: Json): string | null {
  const parts = [textOf(type) ?? textOf(name), textOf(message)].filter(part => part !== null)
  return parts.length === 0 ? null : parts.join(': ')
}
