import { Secret } from '../../kernel/secret.ts'
import { databaseNames } from '../app/names.ts'
import type { DatabaseAccess } from './cluster.ts'

/** Names of the passwords of an app's servers among the secrets of an app. */
export const PASSWORDS = {
  owner: 'innkeeper:postgres-owner',
  app: 'innkeeper:postgres-app',
  redis: 'innkeeper:redis',
  pooler: 'innkeeper:pgbouncer',
} as const

/** How an app's database is reached. Names and addresses follow from the app's name; only the passwords were generated. */
export function accessOf(
  app: string,
  port: number,
  secrets: Readonly<Record<string, string>>,
): DatabaseAccess {
  const names = databaseNames(app)
  return {
    host: '127.0.0.1',
    port,
    name: names.database,
    owner: { user: names.owner, password: new Secret(secrets[PASSWORDS.owner]!) },
    app: { user: names.app, password: new Secret(secrets[PASSWORDS.app]!) },
  }
}
