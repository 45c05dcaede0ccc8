import type { AppRoles, Role, Verb } from '../../api/wire.ts'
import type { Store } from '../../db/db.ts'
import { inTransaction } from '../../db/transaction.ts'

export interface TokenRow {
  key: string
  role: Role
  /** The apps that it is for; null: all, and what is of none. */
  apps: readonly string[] | null
  /** What it is for; null: whatever its role may. */
  verbs: readonly Verb[] | null
  maker: string | null
  made_by: string
}

export type TokenStore = ReturnType<typeof tokenStore>

const read = <T>(json: unknown): T | null => (json === null ? null : (JSON.parse(String(json)) as T))
const written = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

const rowOf = (row: Record<string, unknown>): TokenRow => ({
  ...(row as unknown as TokenRow),
  apps: read<string[]>(row['apps']),
  verbs: read<Verb[]>(row['verbs']),
})

/**
 * What each token may, and who made it. It is not stored with the key of the sign-in library, because the library's
 * own routes can change what it stores there.
 */
export function tokenStore({ raw }: Pick<Store, 'raw'>) {
  const all = raw.prepare('select key, role, apps, verbs, maker, made_by from token')
  const find = raw.prepare('select key, role, apps, verbs, maker, made_by from token where key = ?')
  const add = raw.prepare(
    'insert into token (key, role, apps, verbs, maker, made_by) values (?, ?, ?, ?, ?, ?)',
  )
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
    find(key: string): TokenRow | null {
      const row = find.get(key)
      return row === undefined ? null : rowOf(row)
    },
    all: () => all.all().map(rowOf),
    add: ({ key, role, apps, verbs, maker, made_by }: TokenRow) =>
      void add.run(key, role, written(apps), written(verbs), maker, made_by),
    /** End a token, or all tokens of a maker. Both return the keys that are invalid from now on. */
    end: (key: string) => ended({ key, maker: null }),
    endMadeBy: (maker: string) => ended({ key: null, maker }),
  }
}

/** Who made a token, who made that one, and so on up to a person. `id`: token:KEY or person:ID. */
export function makersOf(tokens: Pick<TokenStore, 'find'>, id: string): string[] {
  const maker = id.startsWith('token:') ? (tokens.find(id.slice('token:'.length))?.maker ?? null) : null
  return maker === null ? [] : [maker, ...makersOf(tokens, maker)]
}

export type SessionUse = ReturnType<typeof sessionUse>

/** Written at most so often for each session. */
const USE_MS = 60_000

/** When each session was used last, to the minute. */
export function sessionUse({ raw }: Pick<Store, 'raw'>) {
  const all = raw.prepare('select session, used_at from session_use')
  const put = raw.prepare('insert or replace into session_use (session, used_at) values (?, ?)')
  const remove = raw.prepare('delete from session_use where session = ?')
  const known = new Map(all.all().map(row => [String(row['session']), Number(row['used_at'])]))
  return {
    of: (session: string): number | null => known.get(session) ?? null,
    used(session: string, now: number): void {
      if (now - (known.get(session) ?? 0) < USE_MS) return
      known.set(session, now)
      put.run(session, now)
    },
    /** Forgets those that have ended. */
    keepOnly(open: readonly string[]): void {
      for (const session of known.keys())
        if (!open.includes(session)) {
          known.delete(session)
          remove.run(session)
        }
    },
  }
}

export type AppRoleStore = ReturnType<typeof appRoleStore>

/** Which person has which role in which app, beside the role in all of them. */
export function appRoleStore({ raw }: Pick<Store, 'raw'>) {
  const of = raw.prepare('select app, role from app_role where person = ? order by app')
  const clear = raw.prepare('delete from app_role where person = ?')
  const add = raw.prepare('insert into app_role (person, app, role) values (?, ?, ?)')
  const forget = raw.prepare('delete from app_role where app = ?')
  return {
    of: (person: string): AppRoles =>
      Object.fromEntries(of.all(person).map(({ app, role }) => [String(app), role as Role])),
    /** In the place of what the person had. */
    set: (person: string, roles: AppRoles): void =>
      inTransaction(raw, () => {
        clear.run(person)
        for (const [app, role] of Object.entries(roles)) add.run(person, app, role)
      }),
    /** Of an app whose data was deleted: what gets its name next is another app. */
    forget: (app: string): void => void forget.run(app),
  }
}
