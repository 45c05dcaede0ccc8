import { Secret } from '../../kernel/secret.ts'
import { databaseNames } from '../app/names.ts'
import type { DatabaseAccess } from './cluster.ts'

/** What the app store keeps of a database: two passwords, under these names. */
export const PASSWORDS = {
  owner: 'innkeeper:postgres-owner',
  app: 'innkeeper:postgres-app',
  redis: 'innkeeper:redis',
} as const

/** Names and addresses follow from the app's name; only the passwords are drawn, once. */
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
