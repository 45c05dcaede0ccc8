import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import type { DatabaseAccess, OwnerOrder } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { connectPinned, guarded, unanswered } from './connect.ts'
import { passwordFileOf, portOf, socketFolderOf } from './create.ts'
import { down } from './ready.ts'

export type Access = ReturnType<typeof clusterAccess>

/** Connections to the cluster of an app: as its superuser, and as the owner of an app's database. */
export function clusterAccess({ app, at, run }: { app: string; at: string; run: string }) {
  const host = socketFolderOf(run)
  const portNow = async (): Promise<number> => {
    const port = await portOf(at)
    if (port === null) throw down(app, 'it was never made')
    return port
  }

  async function connect(database = 'postgres'): Promise<pg.Client> {
    const port = await portNow()
    const password = (await readFile(passwordFileOf(at), 'utf8')).trim()
    try {
      return await connectPinned({ host, port, user: 'innkeeper', password, database })
    } catch (error) {
      throw down(app, (error as Error).message, error)
    }
  }

  async function using<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await connect(database)
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  /** Signs in as the owner: code of the app that runs in this session has no more rights than the owner. */
  async function owner<T>(
    access: DatabaseAccess,
    { database = access.name, longestMs }: OwnerOrder,
    work: (query: Query) => Promise<T>,
  ): Promise<T> {
    const { user, password } = access.owner
    const to = { host, port: await portNow(), user, password: password.reveal(), database }
    const signIn = () =>
      connectPinned(to).catch(error => {
        throw unanswered(error)
      })
    const end = async (pid: number) =>
      void (await using('postgres', client => client.query('select pg_terminate_backend($1)', [pid])))
    return guarded({ connect: signIn, end, longestMs: longestMs ?? null }, work)
  }

  return { connect, using, owner }
}
