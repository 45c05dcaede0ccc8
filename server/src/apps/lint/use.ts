import type { Clock } from '../../kernel/clock.ts'
import type { Served } from './facts.ts'
import type { SqlParser } from './op.ts'
import type { UseStore } from './store.ts'

export interface UsePorts {
  /** Apps that serve, each with its current release. */
  serving(): Promise<ReadonlyArray<{ app: string; release: string }>>
  /** How often each statement of the app's own role was asked. null: nobody counts, or the database does not answer. */
  calls(app: string): Promise<ReadonlyMap<string, number> | null>
  texts(app: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>
  store: UseStore
  parser: Pick<SqlParser, 'uses'>
  clock: Clock
}

/**
 * Which statements the release that serves asks. PostgreSQL counts all that were ever asked and not when, so the counts
 * are compared every few minutes: what grew since this release serves is asked by it.
 */
export function createUse({ serving, calls, texts, store, parser, clock }: UsePorts) {
  async function look({ app, release }: { app: string; release: string }): Promise<boolean> {
    const now = await calls(app)
    if (now === null) return false
    const [before, watched] = [await store.calls(app), await store.watched(app)]
    const fresh = watched?.release !== release
    const grown = new Map([...now].filter(([id, count]) => before.get(id) !== count))
    const gone = [...before.keys()].filter(id => !now.has(id))
    const at = clock.now()
    // What was asked until now may have been asked by the release before.
    await store.keep(app, fresh ? { release, since: at } : watched, { grown, gone, at: fresh ? null : at })
    return true
  }

  return {
    async tick(): Promise<void> {
      // One that is down or asleep asks nothing.
      for (const one of await serving()) await look(one).catch(() => false)
    },

    /** null: nobody counts. */
    async served(app: string): Promise<Served | null> {
      const one = (await serving()).find(found => found.app === app)
      if (one === undefined || !(await look(one))) return null
      const { release, since } = (await store.watched(app))!
      const asked = await store.askedSince(app, since)
      const found = [...(await texts(app, [...asked.keys()]))]
      const uses = await parser.uses(found.map(([, text]) => text))
      const statements = found.flatMap(([id, text], n) => {
        const use = uses[n]
        return use == null ? [] : [{ ...use, text, lastAsked: asked.get(id)! }]
      })
      return { release, since, statements, unread: found.length - statements.length }
    },
  }
}
