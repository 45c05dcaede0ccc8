import type { z } from 'zod'
import type { ConfigFile } from '../../config/schema.ts'

export type ProposedConfig = z.input<typeof ConfigFile>
export type ProposedService = ProposedConfig['services'][string]
export type ProposedEnv = NonNullable<ProposedConfig['env']>

/** A line above a key of the file. */
export interface Note {
  /** services.api.start */
  path: string
  text: string
  /** A person should look: it was guessed. */
  check: boolean
}

/** A key that is written, but as a comment. */
export interface Spare {
  /** Path of the mapping that it would stand in: services.api.env */
  under: string
  key: string
  value: unknown
  why: string
}

export interface Proposal {
  config: ProposedConfig
  notes: Note[]
  spares: Spare[]
  /** Things about the repository that no line of the file can mend. */
  warnings: string[]
}

/** Collects what is said about the file while it is put together. */
export interface Remarks {
  notes: Note[]
  spares: Spare[]
  warnings: string[]
  say(path: string, text: string): void
  check(path: string, text: string): void
}

export function remarks(): Remarks {
  const notes: Note[] = []
  return {
    notes,
    spares: [],
    warnings: [],
    say: (path, text) => void notes.push({ path, text, check: false }),
    check: (path, text) => void notes.push({ path, text, check: true }),
  }
}
