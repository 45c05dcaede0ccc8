import type { Release } from '../releases/release.ts'

/** What of earlier releases can serve for a source again. */
export interface Reuse {
  /** The release whose files serve again; null: all is built. */
  from: Release | null
  /** A release that was built of the same, but whose files were written to since. */
  written: Release | null
}

export const NOTHING: Reuse = { from: null, written: null }

/** What a person should know of it before the deploy begins. */
export function reuseNotices({ from, written }: Reuse): string[] {
  if (from !== null)
    return [
      `nothing that a build sees changed since ${from.id}, so its files serve again; \`inn deploy --fresh\` builds anew`,
    ]
  if (written === null) return []
  return [`${written.id} was built of the same source, but its files were written to since: it is built anew`]
}
