import type { DatabaseSync } from 'node:sqlite'
import type { Rights } from '../../api/actor.ts'
import { Role } from '../../api/wire.ts'
import type { AppRoleStore, TokenRow } from '../../reach/people/store.ts'
import type { Held, Person, Token } from '../../reach/people/wire.ts'

export interface PersonRow {
  id: string
  email: string
  name: string
  /** A role, or `none`: the library wants a text. */
  role: string
  createdAt: string
  /** Of an earlier version the column is not there before somebody signs in. */
  twoFactorEnabled?: number | boolean | null
}

interface SessionRow {
  id: string
  token: string
  userId: string
  createdAt: string
  expiresAt: string
  ipAddress: string | null
  userAgent: string | null
}

interface PasskeyRow {
  id: string
  userId: string
  name: string
  credentialID: string
  createdAt: string
}

export interface KeyRow {
  id: string
  name: string
  start: string | null
  createdAt: string
  expiresAt: string | null
  lastRequest: string | null
}

export const exists = (db: DatabaseSync, table: string): boolean =>
  db.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(table) !== undefined

export const userRows = (db: DatabaseSync): PersonRow[] =>
  db.prepare('select * from user order by email').all() as unknown as PersonRow[]

/** Sessions that have not ended, the newest first. */
export const sessionRows = (db: DatabaseSync): SessionRow[] =>
  exists(db, 'session')
    ? (db.prepare('select * from session order by createdAt desc').all() as unknown as SessionRow[]).filter(
        row => Date.parse(row.expiresAt) > Date.now(),
      )
    : []

/** A second factor: an authenticator app with the codes for when it is lost, and passkeys. */
export function forgetFactor(db: DatabaseSync, user: string): void {
  for (const table of ['twoFactor', 'passkey']) db.prepare(`delete from ${table} where userId = ?`).run(user)
}

/** The oldest first. Of an earlier version the table is not there before somebody signs in. */
export const passkeyRows = (db: DatabaseSync): PasskeyRow[] =>
  exists(db, 'passkey')
    ? (db
        .prepare('select id, userId, name, credentialID, createdAt from passkey order by createdAt')
        .all() as unknown as PasskeyRow[])
    : []

/** What was to be answered by now. The library removes what was answered, and strangers ask. */
export const endPast = (db: DatabaseSync): void =>
  void db.prepare('delete from verification where expiresAt < ?').run(new Date().toISOString())

export const userRow = (db: DatabaseSync, email: string): PersonRow | undefined =>
  userRows(db).find(row => row.email === email.toLowerCase())

export const keyRows = (db: DatabaseSync): KeyRow[] =>
  db
    .prepare('select id, name, start, createdAt, expiresAt, lastRequest from apikey order by createdAt')
    .all() as unknown as KeyRow[]

/** Links from older invitations end: somebody who finds an old mail must not choose the password. */
export const endLinks = (db: DatabaseSync, user: string): void =>
  void db.prepare('delete from verification where value = ?').run(user)

export const rightsOfPerson = (appRoles: AppRoleStore, { id, role }: PersonRow): Rights => ({
  role: Role.safeParse(role).data ?? null,
  apps: appRoles.of(id),
  verbs: null,
})

/** What the library keeps of rights, where some were named. */
export const kept = (rights: Pick<Rights, 'role'> | null, otherwise: string): string =>
  rights === null ? otherwise : (rights.role ?? 'none')

export const heldBy = (
  db: DatabaseSync,
  { id, twoFactorEnabled }: Pick<PersonRow, 'id' | 'twoFactorEnabled'>,
): Held => ({
  codes: Boolean(twoFactorEnabled),
  passkeys: passkeyRows(db).filter(one => one.userId === id).length,
})

export function toPerson(db: DatabaseSync, row: PersonRow, appRoles: AppRoleStore): Person {
  const { role, apps } = rightsOfPerson(appRoles, row)
  const { id, email, name, createdAt } = row
  return {
    ...{ id, email, name, role, apps, secondFactor: heldBy(db, row) },
    createdAt: new Date(createdAt).toISOString(),
  }
}

const isoOrNull = (at: string | null): string | null => (at === null ? null : new Date(at).toISOString())

export const toToken = ({ lastRequest, ...key }: KeyRow, own: TokenRow): Token => ({
  ...key,
  role: own.role,
  apps: own.apps === null ? null : [...own.apps],
  verbs: own.verbs === null ? null : [...own.verbs],
  madeBy: own.made_by,
  createdAt: new Date(key.createdAt).toISOString(),
  expiresAt: isoOrNull(key.expiresAt),
  usedAt: isoOrNull(lastRequest),
})
