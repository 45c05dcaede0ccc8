import { type Database, one } from '../database/pool.ts'
import type { Account } from './account.ts'

const COLUMNS = 'id, name, email, role'

export const accountById = (db: Database, id: number) =>
  one<Account>(db, `select ${COLUMNS} from accounts where id = $1 and active`, [id])

export const accountForLogIn = (db: Database, email: string) =>
  one<Account & { passwordHash: string | null }>(
    db,
    `select ${COLUMNS}, password_hash as "passwordHash" from accounts where email = lower($1) and active`,
    [email],
  )

/** Undefined when somebody has the address already. */
export const addAccount = (db: Database, account: Omit<Account, 'id'> & { passwordHash: string }) =>
  one<{ id: number }>(
    db,
    `insert into accounts (email, name, role, password_hash) values (lower($1), $2, $3, $4)
     on conflict (email) do nothing returning id`,
    [account.email, account.name, account.role, account.passwordHash],
  )
