import type { RuleId } from './rules.ts'

/** `bad`: it fails, breaks what serves, or stands still for long; `warning`: it may; `note`: worth knowing, or short on this table. */
export type Level = 'bad' | 'warning' | 'note'

export interface Finding {
  rule: RuleId
  level: Level
  /** A migration's name. */
  migration: string
  /** Of its file; null: it is about the migration as a whole. */
  line: number | null
  /** The statement; empty: none in particular. */
  statement: string
  what: string
  why: string
  /** How long it takes on the table as it is now, in milliseconds; null: nobody can say, or it takes no time. */
  takesMs: number | null
  /** SQL that comes to the same without the danger, one statement after the other. */
  safe: readonly string[]
  /** What a person does where SQL is not all. */
  fix: string | null
  /** Why a person allows it, as the file says; null: it is not allowed. */
  allowed: string | null
}

/** What a rule says of one statement. The rest of a finding follows from where it stands. */
export type Draft = Pick<Finding, 'rule' | 'level' | 'what' | 'why'> &
  Partial<Pick<Finding, 'takesMs' | 'safe' | 'fix'>>
