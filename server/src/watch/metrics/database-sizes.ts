import type { Clock } from '../../kernel/clock.ts'

/** A size is asked for this often: counting it makes PostgreSQL look at each file of the database. */
const EVERY_MS = 5 * 60_000

/** The size of databases, in bytes, as it was a few minutes ago. Whoever asks never waits for a database. null: not known. */
export function databaseSizes(read: (app: string) => Promise<number | null>, clock: Clock) {
  const known = new Map<string, { bytes: number | null; at: number }>()
  return (app: string): number | null => {
    const last = known.get(app)
    if (last === undefined || clock.now() - last.at >= EVERY_MS) {
      // Noted first, so that one that hangs is not asked again meanwhile.
      known.set(app, { bytes: last?.bytes ?? null, at: clock.now() })
      read(app).then(
        bytes => known.set(app, { bytes, at: clock.now() }),
        () => known.set(app, { bytes: null, at: clock.now() }),
      )
    }
    return known.get(app)!.bytes
  }
}
