import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import type { Cipher } from '../../kernel/cipher.ts'
import { Failure } from '../../kernel/failure.ts'
import { Secret } from '../../kernel/secret.ts'
import { list } from '../../kernel/words.ts'
import { forgotten } from './letters.ts'
import type { ChannelRequest, ChannelSettings, ChannelView } from './wire.ts'

/** A channel as it is kept. */
export interface KeptChannel extends Omit<ChannelView, 'waiting'> {
  secret: Secret | null
}

interface Removed {
  dropped: number
  routes: number
}

export type ChannelStore = ReturnType<typeof channelStore>

/** The channels of this server. */
export function channelStore({ sql, cipher }: Store) {
  const all = async (): Promise<KeptChannel[]> =>
    Promise.all(
      (await sql.selectFrom('channel').selectAll().orderBy('created_at').execute()).map(row =>
        toChannel(row, cipher),
      ),
    )
  return {
    all,

    async find(name: string): Promise<KeptChannel | null> {
      const row = await sql.selectFrom('channel').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : toChannel(row, cipher)
    },

    /** Failure `channel.exists`. */
    async add({ name, settings, secret: given, instead }: ChannelRequest, now: number): Promise<void> {
      const secret = given === '' ? '' : await cipher.encrypt(given)
      const added = await sql
        .insertInto('channel')
        .values({
          ...{ name, kind: settings.kind, settings: JSON.stringify(settings), secret, suppressed: null },
          ...{ instead: instead?.channel ?? null, instead_after_ms: instead?.afterMs ?? 0, created_at: now },
        })
        .onConflict(c => c.doNothing())
        .executeTakeFirst()
      if (added.numInsertedOrUpdatedRows === 0n) throw known(name)
    },

    async suppress(name: string, why: string | null): Promise<void> {
      await sql.updateTable('channel').set({ suppressed: why }).where('name', '=', name).execute()
    },

    /** Removes a channel with its routes. What was not delivered stays in the ledger as dropped; how many that are of each. null: there is none. */
    remove: (name: string, now: number): Promise<Removed | null> =>
      sql.transaction().execute(async changed => {
        const gone = await changed.deleteFrom('channel').where('name', '=', name).executeTakeFirst()
        if (gone.numDeletedRows === 0n) return null
        await changed.deleteFrom('suppressed_address').where('channel', '=', name).execute()
        await changed.updateTable('channel').set({ instead: null }).where('instead', '=', name).execute()
        // A route to nobody would keep alerts from everybody.
        const routes = await changed.deleteFrom('alert_route').where('channel', '=', name).executeTakeFirst()
        const dropped = { state: 'dropped' as const, lease_by: null, lease_until: null, ended_at: now }
        const { insertId } = await changed
          .insertInto('message_dispatch')
          .values({ channel: name, next_at: now, tries: 0, created_at: now, ...dropped })
          .executeTakeFirstOrThrow()
        const waiting = await changed
          .updateTable('message')
          .set({ dispatch: Number(insertId) })
          .where('channel', '=', name)
          .where('dispatch', 'is', null)
          .executeTakeFirst()
        const open = changed.selectFrom('message_dispatch').select('id').where('channel', '=', name)
        const { n } = await changed
          .selectFrom('message')
          .select(({ fn }) => fn.countAll<number>().as('n'))
          .where('dispatch', 'in', open.where('state', '=', 'open'))
          .executeTakeFirstOrThrow()
        await changed
          .updateTable('message_dispatch')
          .set(dropped)
          .where('channel', '=', name)
          .where('state', '=', 'open')
          .execute()
        await forgotten(changed).where('channel', '=', name).execute()
        return { dropped: Number(waiting.numUpdatedRows) + n, routes: Number(routes.numDeletedRows) }
      }),
  }
}

const toChannel = async (row: Tables['channel'], cipher: Cipher): Promise<KeptChannel> => ({
  name: row.name,
  settings: JSON.parse(row.settings) as ChannelSettings,
  secret: row.secret === '' ? null : new Secret(await cipher.decrypt(row.secret)),
  instead: row.instead === null ? null : { channel: row.instead, afterMs: row.instead_after_ms },
  suppressed: row.suppressed,
})

const known = (name: string): Failure =>
  new Failure('channel.exists', `there is a channel ${name} already`, {
    why: 'each has a name of its own',
    fix: `another name, or first \`inn notify remove ${name}\``,
  })

export const unknownChannel = (name: string, names: readonly string[]): Failure =>
  new Failure('channel.unknown', `there is no channel ${name}`, {
    why: names.length === 0 ? 'none was added' : `there are ${list(names)}`,
    fix: '`inn notify list` shows them',
  })
