import type { Secret } from '../kernel/secret.ts'

/** What one app gets on the cluster that Innkeeper runs. */
export interface DatabaseAccess {
  host: string
  port: number
  name: string
  /** Runs migrations; owns everything. */
  owner: { user: string; password: Secret }
  /** Reads and writes rows, no more. */
  app: { user: string; password: Secret }
}

/** The port to a PostgreSQL cluster of our own. */
export interface Cluster {
  /** Makes, starts and awaits the cluster; nothing happens when it runs. */
  ensure(signal?: AbortSignal): Promise<void>
  /** The port it listens on, fixed for the life of the home; null before it was made. */
  port(): Promise<number | null>
  /** Whether it takes new connections, by what it says of itself; cheap enough for every look at the status. */
  accepts(): Promise<boolean>
  /** Database, roles, rights and connection limits, as wanted. `connections` is for each of the two colours. */
  provide(access: DatabaseAccess, connections: number): Promise<void>
  /** Deletes database and roles, whoever is connected. Nothing happens when they are not there. */
  drop(access: DatabaseAccess): Promise<void>
  /** Rights for the app's role on what migrations have made since. */
  grant(access: DatabaseAccess): Promise<void>
  /** Runs before a release step: how long a statement and its wait for a lock may take. */
  limits(access: DatabaseAccess, limits: { lockMs: number; statementMs: number }): Promise<void>
  /** Sessions that hold up others now: who blocks whom, as sentences. */
  blockers(database: string): Promise<string[]>
}

export const databaseUrl = (access: DatabaseAccess, as: 'app' | 'owner'): string => {
  const { user, password } = access[as]
  return `postgresql://${user}:${encodeURIComponent(password.reveal())}@${access.host}:${access.port}/${access.name}`
}
