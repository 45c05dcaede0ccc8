/** One thing in a runbook that is done or answered, in the order of the text. */
export type Item =
  /** A heading that ends with a question mark: `no` leaves out what stands below it. `sql`: what answers it. */
  | { kind: 'question'; section: number; text: string; prose: string; sql: string | null }
  /** A section with nothing but words: a person does it, or has read it. */
  | { kind: 'text'; section: number; text: string; prose: string }
  /** `words`: of the command, without `inn`; `<name>` stands for a value. */
  | { kind: 'command'; section: number; text: string; words: readonly string[]; changes: boolean }
  /** Reads from the database of the app. */
  | { kind: 'check'; section: number; text: string }

export interface Section {
  title: string
  /** As Markdown, without the steps. */
  prose: string
}

/** What a runbook says. */
export interface Runbook {
  /** Of its file, without `.md`. */
  name: string
  title: string
  /** What stands before the first section, as Markdown. */
  about: string
  /** Names of alerts that it helps with. */
  for: readonly string[]
  /** Whether it may run by itself. */
  safe: boolean
  /** Longest that one step may take, in milliseconds. */
  timeoutMs: number
  sections: readonly Section[]
  items: readonly Item[]
  /** Whether it is about an app: it names one, or reads from its database. */
  ofApp: boolean
  links: readonly string[]
}

/** The value of this name is filled in by itself. */
export const APP = 'app'
const VALUE = /<([a-z][a-z0-9-]{0,29})>/g

/** Names of values that a person gives, in the order in which they are asked for. */
export function valuesOf(item: Item): string[] {
  if (item.kind !== 'command') return []
  const names = item.words.flatMap(word => [...word.matchAll(VALUE)].map(([, name]) => name!))
  return [...new Set(names)].filter(name => name !== APP)
}

export const namesApp = (words: readonly string[]): boolean => words.some(word => word.includes(`<${APP}>`))

/** The words of a command with its values filled in. */
export const filled = (words: readonly string[], values: Readonly<Record<string, string>>): string[] =>
  words.map(word => word.replaceAll(VALUE, (whole, name: string) => values[name] ?? whole))

/** What is wrong with a value, in words; null: nothing. One word must stay one word, and may not become an option. */
export function wrongWith(value: string): string | null {
  if (value.trim() === '') return 'it is empty'
  if (value.startsWith('-')) return 'it begins with -, as an option does'
  if (/[\u0000-\u001f\u007f]/.test(value))
    return 'it has a line break, or another character that is not shown'
  return value.length > 200 ? 'it has more than 200 letters' : null
}
