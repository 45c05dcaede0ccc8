import { createHash } from 'node:crypto'
import type { ChainedEntry } from './wire.ts'

/** What the first entry follows. */
export const BEGINNING = '0'.repeat(64)

/** SHA-256, in hex, of an entry and of the hash of the entry before it: no entry can be changed, added or taken away in between without changing all that follow. */
export const hashOf = (previous: string, entry: Omit<ChainedEntry, 'hash'>): string => {
  const { id, at, actor, action, app, run, detail, outcome, of } = entry
  return createHash('sha256')
    .update(JSON.stringify([previous, id, at, actor, action, app, run, detail, outcome, of]))
    .digest('hex')
}

/** Whether an entry is as it was written after the one with this hash. */
export const follows = (previous: string, entry: ChainedEntry): boolean =>
  hashOf(previous, entry) === entry.hash
