import type { Store } from '../../db/db.ts'
import { type Draft, enqueue } from '../messages/store.ts'

export interface Subscriber {
  id: number
  address: string
  createdAt: number
  confirmedAt: number | null
}

export type SubscriberStore = ReturnType<typeof subscriberStore>

type Row = { id: number; address: string; created_at: number; confirmed_at: number | null }

const toSubscriber = ({ id, address, created_at, confirmed_at }: Row): Subscriber => ({
  ...{ id, address, createdAt: created_at, confirmedAt: confirmed_at },
})

/** Who is told of a page by e-mail. */
export const subscriberStore = ({ sql }: Store) => ({
  async all(app: string): Promise<Subscriber[]> {
    const rows = await sql.selectFrom('subscriber').selectAll().where('app', '=', app).orderBy('id').execute()
    return rows.map(toSubscriber)
  },

  async count(app: string): Promise<{ confirmed: number; waiting: number }> {
    const row = await sql
      .selectFrom('subscriber')
      .select(({ fn }) => [fn.count<number>('confirmed_at').as('confirmed'), fn.countAll<number>().as('all')])
      .where('app', '=', app)
      .executeTakeFirstOrThrow()
    return { confirmed: row.confirmed, waiting: row.all - row.confirmed }
  },

  async find(app: string, address: string): Promise<Subscriber | null> {
    const row = await sql
      .selectFrom('subscriber')
      .selectAll()
      .where('app', '=', app)
      .where('address', '=', address)
      .executeTakeFirst()
    return row === undefined ? null : toSubscriber(row)
  },

  /** Keeps an address that waits for its confirmation, with the letter that asks for it. */
  ask: (
    wanted: { app: string; address: string; token: string; until: number; draft: Draft },
    now: number,
  ): Promise<void> =>
    sql.transaction().execute(async changed => {
      const { app, address, token, until, draft } = wanted
      const open = { token, token_until: until }
      await changed
        .insertInto('subscriber')
        .values({ app, address, created_at: now, confirmed_at: null, ...open })
        .onConflict(c => c.columns(['app', 'address']).doUpdateSet(open))
        .execute()
      await enqueue(changed, [draft], now)
    }),

  /** Whether there was such a token, and was in time. */
  async confirm(app: string, token: string, now: number): Promise<boolean> {
    const done = await sql
      .updateTable('subscriber')
      .set({ confirmed_at: now, token: null, token_until: null })
      .where('app', '=', app)
      .where('token', '=', token)
      .where('token_until', '>', now)
      .executeTakeFirst()
    return done.numUpdatedRows > 0n
  },

  async write(draft: Draft, now: number): Promise<void> {
    await enqueue(sql, [draft], now)
  },

  async remove(app: string, id: number): Promise<boolean> {
    const gone = await sql
      .deleteFrom('subscriber')
      .where('app', '=', app)
      .where('id', '=', id)
      .executeTakeFirst()
    return gone.numDeletedRows > 0n
  },

  /** Forgets who did not confirm in time. */
  async prune(now: number): Promise<void> {
    await sql
      .deleteFrom('subscriber')
      .where('confirmed_at', 'is', null)
      .where('token_until', '<=', now)
      .execute()
  },
})
