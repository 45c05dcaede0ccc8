import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Copy } from './copy.ts'

export type LentStore = ReturnType<typeof lentStore>

/** Copies that people look at, and when they will be removed. */
export function lentStore({ sql }: Store, now: () => number) {
  async function find(name: string): Promise<Copy | null> {
    const row = await sql.selectFrom('copy').selectAll().where('name', '=', name).executeTakeFirst()
    return row === undefined ? null : toCopy(row)
  }

  return {
    find,

    async get(name: string): Promise<Copy> {
      const found = await find(name)
      if (found !== null) return found
      throw new Failure('copy.unknown', `there is no copy ${name}`, {
        why: 'it was never made, or was mistyped, or it is gone by now',
        fix: '`inn copies` lists them; `inn restore --into NAME --to …` makes one',
      })
    },

    async list(): Promise<Copy[]> {
      return (await sql.selectFrom('copy').selectAll().orderBy('made_at').execute()).map(toCopy)
    },

    /** Stores a copy as it begins; does nothing when it is stored already. */
    async begin({
      name,
      run,
      app,
      at,
      says,
      port,
    }: Pick<Copy, 'name' | 'run' | 'app' | 'at' | 'says' | 'port'>): Promise<void> {
      await sql
        .insertInto('copy')
        .values({ name, run, app, at, says, port, state: 'making', made_at: now(), until: null })
        .onConflict(c => c.doNothing())
        .execute()
    },

    async open(name: string, until: number): Promise<void> {
      await sql.updateTable('copy').set({ state: 'open', until }).where('name', '=', name).execute()
    },

    async forget(name: string): Promise<void> {
      await sql.deleteFrom('copy').where('name', '=', name).execute()
    },
  }
}

const toCopy = ({ made_at, ...row }: Tables['copy']): Copy => ({ ...row, madeAt: made_at })
