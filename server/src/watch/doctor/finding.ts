/** `bad`: it fails, or soon will; `warning`: it costs, and more each week; `note`: worth knowing. */
export type Level = 'bad' | 'warning' | 'note'

export interface Finding {
  id: string
  level: Level
  what: string
  why: string
  /** Statements that mend it, one by one; none: nothing that SQL could do. */
  sql: readonly string[]
  /** What a person does, where SQL is not all. */
  fix: string | null
}
