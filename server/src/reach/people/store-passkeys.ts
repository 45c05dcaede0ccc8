import type { Store } from '../../db/db.ts'

export type PasskeyUse = ReturnType<typeof passkeyUse>

export interface PasskeyNote {
  /** The name of the dashboard at which it signs in. */
  host: string
  /** Milliseconds since 1970; null: never. */
  usedAt: number | null
}

/** What the sign-in library does not keep of passkeys. Each is known by the id of its credential, which no two have. */
export function passkeyUse({ raw }: Pick<Store, 'raw'>) {
  const find = raw.prepare('select host, used_at from passkey_use where credential = ?')
  const add = raw.prepare(
    'insert or replace into passkey_use (credential, host, used_at) values (?, ?, null)',
  )
  const use = raw.prepare('update passkey_use set used_at = ? where credential = ?')
  const open = raw.prepare('insert or replace into passkey_session (session, credential) values (?, ?)')
  const opener = raw.prepare('select credential from passkey_session where session = ?')
  const forget = (['passkey_use', 'passkey_session'] as const).map(table =>
    raw.prepare(`delete from ${table} where credential = ?`),
  )
  const ended = raw.prepare(
    'delete from passkey_session where session not in (select value from json_each(?))',
  )
  return {
    of(credential: string): PasskeyNote | null {
      const row = find.get(credential)
      return row === undefined
        ? null
        : { host: String(row['host']), usedAt: row['used_at'] === null ? null : Number(row['used_at']) }
    },
    add: (credential: string, host: string): void => void add.run(credential, host),
    used: (credential: string, now: number): void => void use.run(now, credential),
    /** A session has the passkey as its second factor from now on. */
    opens: (session: string, credential: string): void => void open.run(session, credential),
    /** The passkey that a session has as its second factor. */
    openerOf(session: string): string | null {
      const row = opener.get(session)
      return row === undefined ? null : String(row['credential'])
    },
    /** Of a passkey that is gone. */
    forget(credential: string): void {
      for (const one of forget) one.run(credential)
    },
    /** Forgets what is noted of sessions that have ended. */
    keepOnly: (open: readonly string[]): void => void ended.run(JSON.stringify(open)),
  }
}
