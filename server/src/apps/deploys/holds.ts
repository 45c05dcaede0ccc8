import type { Clock } from '../../kernel/clock.ts'
import { showDuration } from '../../kernel/durations.ts'
import { list } from '../../kernel/words.ts'
import type { RouteTable } from '../../reach/edge/edge.ts'

export type Holds = ReturnType<typeof createHolds>

/** Remembers since when the edge lets requests to a singleton wait. A keeper that was started meanwhile does not know it. */
export function createHolds({ now }: Pick<Clock, 'now'>) {
  const since = new Map<string, number>()
  const key = (app: string, service: string) => `${app}/${service}`
  return {
    /** Takes note of an app's new table. Returns a sentence when requests are let through that had to wait. */
    routed(app: string, table: RouteTable): string | undefined {
      const through: string[] = []
      for (const [service, target] of Object.entries(table.services)) {
        const held = since.get(key(app, service))
        if (target.kind === 'proxy' && target.hold) since.set(key(app, service), held ?? now())
        else if (held !== undefined) {
          since.delete(key(app, service))
          through.push(`requests to ${service} were held for ${showDuration(now() - held)}`)
        }
      }
      return through.length === 0 ? undefined : list(through)
    },
    /** For how long requests to a service have waited, in milliseconds; null: they do not, or it is not known. */
    heldMs(app: string, service: string): number | null {
      const held = since.get(key(app, service))
      return held === undefined ? null : now() - held
    },
  }
}
