import type { Role } from '../../api/wire.ts'
import type { Store } from '../../db/db.ts'

export interface TokenRow {
  key: string
  role: Role
  maker: string | null
  made_by: string
}

export type TokenStore = ReturnType<typeof tokenStore>

/**
 * The role of each token, and who made it. It is not stored with the key of the sign-in library, because the library's
 * own routes can change what it stores there.
 */
export function tokenStore({ raw }: Pick<Store, 'raw'>) {
  const find = raw.prepare('select key, role, maker, made_by from token where key = ?')
  const all = raw.prepare('select key, role, maker, made_by from token')
  const add = raw.prepare('insert into token (key, role, maker, made_by) values (?, ?, ?, ?)')
  // Tokens that were made with this one end with it.
  const end = raw.prepare(`
    with recursive gone (key) as (
      select key from token where maker = :maker or key = :key
      union select token.key from token join gone on token.maker = 'token:' || gone.key
    )
    delete from token where key in (select key from gone) returning key`)
  const ended = (by: { maker: string | null; key: string | null }): string[] =>
    end.all(by).map(row => String(row['key']))

  return {
    find: (key: string) => (find.get(key) as unknown as TokenRow | undefined) ?? null,
    all: () => all.all() as unknown as TokenRow[],
    add: ({ key, role, maker, made_by }: TokenRow) => void add.run(key, role, maker, made_by),
    /** End a token, or all tokens of a maker. Both return the keys that are invalid from now on. */
    end: (key: string) => ended({ key, maker: null }),
    endMadeBy: (maker: string) => ended({ key: null, maker }),
  }
}
