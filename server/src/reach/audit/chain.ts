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

/** The first of these entries, in their order, that does not follow from the one before it; null: all do. */
export function firstBroken(entries: Iterable<ChainedEntry>, previous = BEGINNING): ChainedEntry | null {
  let last = previous
  for (const entry of entries) {
    if (hashOf(last, entry) !== entry.hash) return entry
    last = entry.hash
  }
  return null
}
