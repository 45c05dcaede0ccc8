import { sharedByPreviews } from '../../config/app-key.ts'
import type { Store } from '../../db/db.ts'
import { iso } from '../../kernel/moments.ts'
import type { Grant, Suppressed } from './wire.ts'

export type GrantStore = ReturnType<typeof grantStore>

/** What people decide: which app may send by which channel, and that an address is tried again. */
export const grantStore = ({ sql }: Store) => ({
  async list(): Promise<Grant[]> {
    const rows = await sql.selectFrom('outbox_grant').selectAll().orderBy('app').orderBy('channel').execute()
    return rows.map(({ app, channel, per_day, by, at }) => ({
      app,
      channel,
      perDay: per_day,
      by,
      at: iso(at),
    }))
  },

  /** Channels by which an app may send. */
  async of(app: string): Promise<string[]> {
    const own = sql
      .selectFrom('outbox_grant')
      .select('channel')
      .where('app', '=', sharedByPreviews(app) ?? app)
    return (await own.execute()).map(({ channel }) => channel)
  },

  /** null: there is none. All previews of an app have that of `APP@preview`. */
  async find(app: string, channel: string): Promise<{ perDay: number } | null> {
    const row = await sql
      .selectFrom('outbox_grant')
      .select('per_day')
      .where('app', '=', sharedByPreviews(app) ?? app)
      .where('channel', '=', channel)
      .executeTakeFirst()
    return row === undefined ? null : { perDay: row.per_day }
  },

  async give({ app, channel, perDay, by, at }: Omit<Grant, 'at'> & { at: number }): Promise<void> {
    const values = { per_day: perDay, by, at }
    await sql
      .insertInto('outbox_grant')
      .values({ app, channel, ...values })
      .onConflict(c => c.columns(['app', 'channel']).doUpdateSet(values))
      .execute()
  },

  /** false: there was none. */
  async take(app: string, channel: string): Promise<boolean> {
    const done = await sql
      .deleteFrom('outbox_grant')
      .where('app', '=', app)
      .where('channel', '=', channel)
      .executeTakeFirst()
    return done.numDeletedRows > 0n
  },

  async isSuppressed(channel: string, address: string): Promise<boolean> {
    const row = await sql
      .selectFrom('suppressed_address')
      .select('at')
      .where('channel', '=', channel)
      .where('address', '=', address.toLowerCase())
      .executeTakeFirst()
    return row !== undefined
  },

  async suppressed(): Promise<Suppressed[]> {
    const rows = await sql
      .selectFrom('suppressed_address')
      .selectAll()
      .orderBy('at', 'desc')
      .limit(1_000)
      .execute()
    return rows.map(row => ({ ...row, at: iso(row.at) }))
  },

  /** false: it was not suppressed. */
  async lift(channel: string, address: string): Promise<boolean> {
    const done = await sql
      .deleteFrom('suppressed_address')
      .where('channel', '=', channel)
      .where('address', '=', address.toLowerCase())
      .executeTakeFirst()
    return done.numDeletedRows > 0n
  },
})
