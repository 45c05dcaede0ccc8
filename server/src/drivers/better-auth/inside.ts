import type { Rights } from '../../api/actor.ts'
import type { FactorPolicy } from '../../reach/people/factor.ts'
import { standing } from '../../reach/people/rights.ts'
import type { AppRoleStore, SessionUse, TokenRow, TokenStore } from '../../reach/people/store.ts'
import type { Token } from '../../reach/people/wire.ts'
import { type LoadOptions, load } from './load.ts'
import { exists, keyRows, rightsOfPerson, toToken, userRow, userRows } from './rows.ts'

export interface Options extends LoadOptions {
  /** URL of the dashboard. */
  url: string
  /** What each token may do. A key that is not in this store may do nothing, whatever the library says of it. */
  tokens: TokenStore
  /** What people may in single apps. */
  appRoles: AppRoleStore
  /** When each session was used last. */
  sessionUse: SessionUse
  /** Who must have a second factor. */
  policy: FactorPolicy
}

export type Auth = Awaited<ReturnType<typeof load>>

/** What all of it shares: the library, the store, and who is told of changes. */
export function open(options: Options) {
  const { db, tokens, appRoles } = options
  let loading: Promise<Auth> | null = null
  const listeners = new Set<() => Promise<void>>()
  /** Called after the tokens were removed from our store, so these keys already open nothing. */
  const forgetKeys = (keys: readonly string[], rows: readonly TokenRow[]): Token[] => {
    const gone = keyRows(db).filter(row => keys.includes(row.id))
    for (const { id } of gone) db.prepare('delete from apikey where id = ?').run(id)
    return gone.map(row => toToken(row, rows.find(own => own.key === row.id)!))
  }
  return {
    ...options,
    listeners,
    auth(): Promise<Auth> {
      loading ??= load(options)
      return loading
    },
    changed: async () => void (await Promise.all([...listeners].map(listener => listener()))),
    /** What the token of this row may now; null: nothing. */
    standing: (row: TokenRow): Rights | null =>
      standing(row, {
        token: tokens.find,
        person: id => {
          const found = userRows(db).find(one => one.id === id)
          return found === undefined ? null : rightsOfPerson(appRoles, found)
        },
      }),
    userOf: (email: string) => (exists(db, 'user') ? userRow(db, email) : undefined),
    endTokens(end: () => string[]): Token[] {
      const rows = tokens.all()
      return forgetKeys(end(), rows)
    },
  }
}

export type Inside = ReturnType<typeof open>
