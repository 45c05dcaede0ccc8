import type { Release } from '../releases/release.ts'

/** What of earlier releases can serve for a source again. */
export interface Reuse {
  /** The release whose files serve again; null: all is built. */
  from: Release | null
  /** A file that is not as it was any more, of a release that was built of the same. `.`: none of them is known. */
  changed: { in: string; path: string } | null
}

export const NOTHING: Reuse = { from: null, changed: null }

/** What a person should know of it before the deploy begins. */
export function reuseNotices({ from, changed }: Reuse): string[] {
  if (from !== null)
    return [
      `nothing that a build sees changed since ${from.id}, so its files serve again; \`inn deploy --fresh\` builds anew`,
    ]
  if (changed === null) return []
  const what = changed.path === '.' ? 'its files are gone' : `${changed.path} is not as it was built any more`
  return [`${changed.in} was built of the same, but ${what}: it is built anew`]
}
