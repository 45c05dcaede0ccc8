import { sql as raw, type Selectable } from 'kysely'
import { appKey, PREVIEW, PRODUCTION, parseApp } from '../../config/app-key.ts'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { forgetLetters } from '../messages/letters.ts'
import { type Kept, ledgerOf } from './ledger.ts'

export type OutboxRow = Selectable<Tables['outbox']>
export type NewRow = Omit<OutboxRow, 'message' | 'content'> & { content: Kept | null }

export type OutboxStore = ReturnType<typeof outboxStore>

/** Messages of apps, until the ledger has them, and what became of each. */
export const outboxStore = (store: Store) => ({ ...asked(store), ...changes(store), ...ledgerOf(store) })

function asked({ sql }: Store) {
  const all = () => sql.selectFrom('outbox').selectAll()
  return {
    byKey: (app: string, key: string): Promise<OutboxRow | undefined> =>
      all().where('app', '=', app).where('key', '=', key).executeTakeFirst(),

    find: (app: string, id: string): Promise<OutboxRow | undefined> =>
      all().where('app', '=', app).where('id', '=', id).executeTakeFirst(),

    anywhere: (id: string): Promise<OutboxRow | undefined> => all().where('id', '=', id).executeTakeFirst(),

    latest: (app: string, limit: number): Promise<OutboxRow[]> =>
      all().where('app', '=', app).orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute(),

    /** How many were taken for a channel since a moment. */
    async since({ app, channel }: { app: string; channel: string }, since: number): Promise<number> {
      const row = await sql
        .selectFrom('outbox')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('app', '=', app)
        .where('channel', '=', channel)
        .where('created_at', '>', since)
        .executeTakeFirstOrThrow()
      return row.n
    },

    /** What of an app has not ended, and how many bytes that are. */
    waiting: (app: string): Promise<{ n: number; bytes: number }> =>
      sql
        .selectFrom('outbox')
        .select(({ fn, val }) => [
          fn.countAll<number>().as('n'),
          fn.coalesce(fn.sum<number>('size'), val(0)).as('bytes'),
        ])
        .where('app', '=', app)
        .where('state', 'in', ['waiting', 'handed'])
        .where('ended_at', 'is', null)
        .executeTakeFirstOrThrow(),

    /** Of messages that ended since a moment. */
    ended: (app: string, since: number) =>
      sql
        .selectFrom('outbox')
        .select(['state', 'ended_at'])
        // The plus keeps SQLite from the index of apps, by which it would read every message of the app.
        .where(raw`+app`, '=', app)
        .where('ended_at', '>=', since)
        .execute(),
  }
}

function changes({ sql }: Store) {
  return {
    /** Writes a message down. false: there is one with its key already. */
    async add({ content, ...row }: NewRow): Promise<boolean> {
      const done = await sql
        .insertInto('outbox')
        .values({ ...row, content: content === null ? null : JSON.stringify(content), message: null })
        .onConflict(c => c.doNothing())
        .executeTakeFirst()
      return done.numInsertedOrUpdatedRows === 1n
    },

    /** Ends a message that waits. false: it does not wait any more. */
    async cancel(id: string, now: number): Promise<boolean> {
      const done = await sql
        .updateTable('outbox')
        .set({ state: 'cancelled', content: null, ended_at: now })
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .executeTakeFirst()
      return done.numUpdatedRows === 1n
    },

    /** Forgets messages that ended before a moment. */
    async prune(before: number): Promise<void> {
      await sql.deleteFrom('outbox').where('ended_at', '<', before).execute()
    },

    /** Of an app that is gone: whatever gets its name next is another one. */
    forget: (app: string): Promise<void> =>
      sql.transaction().execute(async changed => {
        const { name, environment } = parseApp(app)
        // What all its previews have goes with the app itself: no run ever removes it.
        const apps = environment === PRODUCTION ? [app, appKey({ name, environment: PREVIEW })] : [app]
        await changed.deleteFrom('outbox_grant').where('app', 'in', apps).execute()
        await changed.deleteFrom('outbox').where('app', '=', app).execute()
        await forgetLetters(changed, app)
      }),
  }
}
