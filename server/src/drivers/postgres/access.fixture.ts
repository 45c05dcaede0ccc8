import assert from 'node:assert/strict'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import { Secret } from '../../kernel/secret.ts'
import { type Access, clusterAccess } from './access.ts'
import { makeCluster, type TestCluster } from './cluster.fixture.ts'
import { closeShared } from './grant.ts'
import { prepareHeartbeat } from './heartbeat.ts'
import { prepareStatements } from './statements.ts'

/** A cluster as the keeper has it before there is an app, and the keeper's way in. */
export async function clusterWithAccess(): Promise<{ cluster: TestCluster; access: Access }> {
  const cluster = await makeCluster()
  await cluster.start('true')
  await writeFile(join(cluster.at, 'port'), '5432')
  await symlink('.', join(cluster.at, 'pg'))
  const access = clusterAccess({ app: 'shop', at: cluster.at, run: cluster.at })
  await access.using('postgres', closeShared)
  await access.using('postgres', prepareHeartbeat)
  await access.using('postgres', prepareStatements)
  return { cluster, access }
}

/** The database of an app of this name, which nobody made yet. */
export const databaseOf = ({ at }: TestCluster, name: string): DatabaseAccess => ({
  host: at,
  port: 5432,
  name,
  owner: { user: `${name}_owner`, password: new Secret('owner secret') },
  app: { user: `${name}_app`, password: new Secret('app secret') },
})

type Role = 'owner' | 'app'

/** As an app would connect, with nothing pinned. */
export async function connected<T>(
  app: DatabaseAccess,
  as: Role,
  work: (client: pg.Client) => Promise<T>,
  database = app.name,
) {
  const { user, password } = app[as]
  const client = new pg.Client({
    host: app.host,
    port: app.port,
    user,
    password: password.reveal(),
    database,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The first column of what the last statement answers. */
export const run = (app: DatabaseAccess, as: Role, text: string, database?: string): Promise<unknown[]> =>
  connected(
    app,
    as,
    async client => {
      const answer = (await client.query(text)) as unknown as pg.QueryResult | pg.QueryResult[]
      const last = Array.isArray(answer) ? answer.at(-1)! : answer
      return (last.rows as Array<Record<string, unknown>>).map(row => Object.values(row)[0])
    },
    database,
  )

/** It is not allowed to, by the server's own codes. */
export const refused = (app: DatabaseAccess, as: Role, text: string, database?: string) =>
  assert.rejects(run(app, as, text, database), (error: pg.DatabaseError) => {
    assert.ok(
      ['42501', '28000', '3D000'].includes(error.code ?? ''),
      `${text}: ${error.code} ${error.message}`,
    )
    return true
  })
