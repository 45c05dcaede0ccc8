import type { Store } from '../../db/db.ts'
import { keyOf, type Probing, type Standing } from './probe.ts'

export type ProbeStore = ReturnType<typeof probeStore>

/** Probes that fail. What is well is not written down: most probes are, at every moment. */
export const probeStore = ({ sql }: Store) => ({
  /** By `keyOf`, as it was left by a keeper before this one. */
  async failing(): Promise<Map<string, Standing>> {
    const rows = await sql.selectFrom('failing_probe').selectAll().execute()
    return new Map(
      rows.map(({ app, name, instance, since, said }) => [
        keyOf({ app, name, instance: instance || null }),
        {
          ...{ state: 'failing', since, bad: 1, badSince: since },
          last: { ok: false, said, ms: 0, at: since },
        } as const,
      ]),
    )
  },

  async fails({ app, name, instance }: Probing, { since, last }: Standing): Promise<void> {
    const row = { app, name, instance: instance ?? '', since, said: last?.said ?? '' }
    await sql
      .insertInto('failing_probe')
      .values(row)
      .onConflict(c => c.doNothing())
      .execute()
  },

  /** `key`: as of `keyOf`. */
  async over(key: string): Promise<void> {
    const [app, name, instance] = key.split('/') as [string, string, string]
    await sql
      .deleteFrom('failing_probe')
      .where('app', '=', app)
      .where('name', '=', name)
      .where('instance', '=', instance)
      .execute()
  },
})
