import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ClusterPlace, DatabaseAccess, Login } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import type { ClustersBeside } from '../../data/restores/clusters-beside.ts'
import { Secret } from '../../kernel/secret.ts'
import { connectPinned, guarded, querying } from './connect.ts'
import type { CopyPlaces } from './copy-places.ts'
import { makeChecks, makeReader, READER } from './reader.ts'

export type CopyAccess = ReturnType<typeof copyAccess>

/** Connections to copies: as superuser to catalogs, and as a role that stands in for the owner of an app's database. */
export function copyAccess({ place }: CopyPlaces) {
  async function superuser<T>(
    name: string,
    database: string,
    work: (query: Query) => Promise<T>,
  ): Promise<T> {
    const at = await place(name)
    const { socketFolder: host, port, user } = at
    const client = await connectPinned({ host, port, user, password: await passwordOf(at), database })
    try {
      return await work(querying(client))
    } finally {
      await client.end()
    }
  }

  /** Creates our own role: the app's roles in the copy must keep the passwords of that moment, so that a drill can try them. */
  async function reader(name: string, access: DatabaseAccess): Promise<Login> {
    const at = await place(name)
    // Derived, so that it differs from copy to copy and is the same at every call.
    const password = createHmac('sha256', await passwordOf(at))
      .update(`reader of ${name}`)
      .digest('hex')
    await superuser(name, 'postgres', query => makeReader(query, access, password))
    const { bin, socketFolder, port } = at
    return { bin, socketFolder, port, user: READER, password: new Secret(password) }
  }

  const checker: ClustersBeside['checker'] = async (name, access) => {
    const as = await reader(name, access)
    await superuser(name, access.name, makeChecks)
    return as
  }

  const reading: ClustersBeside['reading'] = async (name, { access, longestMs = null }, work) => {
    const { socketFolder: host, port, user, password } = await reader(name, access)
    const to = { host, port, user, password: password.reveal(), database: access.name }
    const end = async (pid: number) =>
      void (await superuser(name, 'postgres', query => query('select pg_terminate_backend($1)', [pid])))
    return guarded({ connect: () => connectPinned(to), end, longestMs }, work)
  }

  return { superuser, reader, checker, reading }
}

const passwordOf = async ({ passFile }: ClusterPlace): Promise<string> =>
  (await readFile(passFile, 'utf8')).trim().split(':').at(-1)!
