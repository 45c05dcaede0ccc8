import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import type { Cipher } from '../../kernel/cipher.ts'
import { Secret } from '../../kernel/secret.ts'
import type { PullEvent } from './payload.ts'
import type { Provider, PullView } from './wire.ts'

export interface Connection {
  id: string
  app: string
  provider: Provider
  repository: string
  api: string
  branches: string[]
  forks: boolean
  by: string
  since: number
  /** What the provider signs with. */
  hook: Secret
  token: Secret | null
}

/** A pull request: what is wanted of it, and how far that is. */
export interface Pull {
  connection: string
  number: number
  /** The key of its preview. */
  app: string
  branch: string
  who: string
  /** The commit; null: it is closed. */
  wanted: string | null
  /** When it was changed at the provider. */
  at: number
  state: PullView['state']
  /** The run that deploys or removes it. */
  run: string | null
  said: string | null
  /** The provider's name for the comment. */
  comment: string | null
  /** A digest of what was told last. */
  told: string | null
}

type Key = Pick<Pull, 'connection' | 'number'>

export type ConnectionStore = ReturnType<typeof connectionStore>

/** How long it is remembered that something was sent. */
const REMEMBERED_MS = 30 * 86_400_000

/** Connections, their pull requests, and what was sent. */
export const connectionStore = (store: Store) => ({ ...repositories(store), ...pulls(store) })

function repositories({ sql, cipher }: Store) {
  return {
    async all(): Promise<Connection[]> {
      const rows = await sql.selectFrom('connection').selectAll().orderBy('app').execute()
      const found = rows.map(row => connectionOf(row, cipher))
      return await Promise.all(found)
    },

    async find(id: string): Promise<Connection | null> {
      const row = await sql.selectFrom('connection').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : connectionOf(row, cipher)
    },

    /** False: the app has one already. */
    async add({ hook, token, branches, forks, by, since, ...rest }: Connection): Promise<boolean> {
      const secrets = await cipher.encrypt(
        JSON.stringify({ hook: hook.reveal(), token: token?.reveal() ?? null }),
      )
      const more = {
        branches: JSON.stringify(branches),
        forks: forks ? 1 : 0,
        made_by: by,
        created_at: since,
      }
      const { numInsertedOrUpdatedRows } = await sql
        .insertInto('connection')
        .values({ ...rest, ...more, secrets })
        .onConflict(c => c.column('app').doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    remove: (id: string): Promise<void> => sql.transaction().execute(changed => removeIn(changed, id)),

    /** Of an app that is gone: whatever gets its name next is another one. */
    async forget(app: string): Promise<void> {
      const row = await sql.selectFrom('connection').select('id').where('app', '=', app).executeTakeFirst()
      if (row !== undefined) await sql.transaction().execute(changed => removeIn(changed, row.id))
    },
  }
}

async function removeIn(sql: Store['sql'], id: string): Promise<void> {
  await sql.deleteFrom('pull').where('connection', '=', id).execute()
  await sql.deleteFrom('hook_delivery').where('connection', '=', id).execute()
  await sql.deleteFrom('connection').where('id', '=', id).execute()
}

async function connectionOf(row: Tables['connection'], cipher: Cipher): Promise<Connection> {
  const { hook, token } = JSON.parse(await cipher.decrypt(row.secrets)) as {
    hook: string
    token: string | null
  }
  return {
    ...{ id: row.id, app: row.app, provider: row.provider, repository: row.repository, api: row.api },
    ...{ branches: JSON.parse(row.branches) as string[], forks: row.forks === 1, by: row.made_by },
    ...{ since: row.created_at, hook: new Secret(hook), token: token === null ? null : new Secret(token) },
  }
}

function pulls({ sql }: Store) {
  const update = (key: Key, change: Partial<Omit<Pull, keyof Key>>) =>
    sql
      .updateTable('pull')
      .set(change)
      .where('connection', '=', key.connection)
      .where('number', '=', key.number)
  /** The same, unless something newer is wanted meanwhile. */
  const still = ({ wanted, ...key }: Key & Pick<Pull, 'wanted'>, change: Partial<Omit<Pull, keyof Key>>) =>
    update(key, change)
      .where('wanted', wanted === null ? 'is' : '=', wanted)
      .executeTakeFirst()
  return {
    pulls: (): Promise<Pull[]> => sql.selectFrom('pull').selectAll().orderBy('at').execute(),

    async pull({ connection, number }: Key): Promise<Pull | null> {
      const rows = sql.selectFrom('pull').selectAll().where('connection', '=', connection)
      return (await rows.where('number', '=', number).executeTakeFirst()) ?? null
    },

    /**
     * Notes what is wanted from now on. False: nothing changed, because this was sent before, or something newer came
     * first. What was signed counts for the first, and not the number of the delivery, which nobody signs.
     */
    note: (
      key: Key & Pick<Pull, 'app'>,
      event: PullEvent,
      { digest, now }: { digest: string; now: number },
    ) =>
      sql.transaction().execute(async (changed): Promise<boolean> => {
        const { connection, number } = key
        await changed
          .deleteFrom('hook_delivery')
          .where('at', '<', now - REMEMBERED_MS)
          .execute()
        const { numInsertedOrUpdatedRows: added } = await changed
          .insertInto('hook_delivery')
          .values({ connection, digest, at: now })
          .onConflict(c => c.doNothing())
          .executeTakeFirst()
        const known = await changed
          .selectFrom('pull')
          .selectAll()
          .where('connection', '=', connection)
          .where('number', '=', number)
          .executeTakeFirst()
        if (added !== 1n || event.at < (known?.at ?? 0)) return false
        const change = changeFor(known ?? null, event)
        if (change === null) return false
        await changed
          .insertInto('pull')
          .values({ ...key, ...change, comment: null, told: null })
          .onConflict(c => c.columns(['connection', 'number']).doUpdateSet(change))
          .execute()
        return true
      }),

    begun: (pull: Key & Pick<Pull, 'wanted'>, run: string) => still(pull, { run }),
    settle: (pull: Key & Pick<Pull, 'wanted'>, change: Pick<Pull, 'state' | 'said'>) =>
      still(pull, { ...change, run: null }),
    told: (pull: Key, change: Pick<Pull, 'comment' | 'told'>) => update(pull, change).executeTakeFirst(),
  }
}

/** What an event makes of a pull request; null: nothing. */
export function changeFor(known: Pull | null, { action, commit, branch, who, at }: PullEvent) {
  const wanted = action === 'up' ? commit : null
  const gone = known === null || known.state === 'removed'
  if (wanted === null && gone) return null
  if (wanted !== null && known?.wanted === wanted && !gone && known.state !== 'failed') return null
  const state: Pull['state'] = wanted === null ? 'removing' : 'building'
  return { wanted, branch, who, at, state, run: null, said: null }
}
