import type { z } from 'zod'
import type { ConfigFile } from '../../config/schema.ts'
import type { Moved } from './elsewhere/foreign.ts'

export type ProposedConfig = z.input<typeof ConfigFile>
export type ProposedService = ProposedConfig['services'][string]
export type ProposedEnv = NonNullable<ProposedConfig['env']>

/** A comment above a key of innkeeper.yaml. */
export interface Note {
  /** services.api.start */
  path: string
  text: string
  /** The value was guessed, so a person should check it. */
  check: boolean
}

/** A key that is written as a comment. */
export interface Spare {
  /** Path of the mapping that the key belongs to: services.api.env */
  under: string
  key: string
  value: unknown
  why: string
}

export interface Proposal {
  config: ProposedConfig
  notes: Note[]
  spares: Spare[]
  /** Problems of the repository that no line of innkeeper.yaml can solve. */
  warnings: string[]
  /** What was taken from files of other platforms, and what was not. */
  elsewhere: Moved[]
}

/** Collects notes, commented keys and warnings while the file is put together. */
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
