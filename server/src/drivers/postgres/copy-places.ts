import { join } from 'node:path'
import { copyName, copySockets } from '../../apps/app/names.ts'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import { majorIn, portOf } from './create.ts'

/** Port of a copy that does not listen on the network: it is only part of the socket's name. */
const SOCKET_PORT = 5432

interface Options {
  /** The app whose cluster is copied. */
  app: string
  /** Folder of the copies of this app. */
  at: string
  run: string
  logs: string
  cluster: () => Promise<ClusterPlace | null>
}

export type CopyPlaces = ReturnType<typeof copyPlaces>

/** Where each copy is and listens. */
export function copyPlaces({ app, at, run, logs, cluster }: Options) {
  const folder = (name: string) => join(at, name)
  const data = (name: string) => join(folder(name), 'data')
  const socketFolder = (name: string) => join(run, copySockets(app, name))
  return {
    all: at,
    socketPort: SOCKET_PORT,
    folder,
    data,
    service: (name: string) => copyName(app, name),
    socketFolder,
    log: (name: string) => join(logs, copyName(app, name)),
    async place(name: string): Promise<ClusterPlace> {
      const real = (await cluster())!
      const port = (await portOf(folder(name))) ?? SOCKET_PORT
      // A backup from before an upgrade is of another major than the cluster is now.
      const major = (await majorIn(data(name))) ?? real.major
      const bin = `/usr/lib/postgresql/${major}/bin`
      return { ...real, major, bin, data: data(name), socketFolder: socketFolder(name), port }
    },
  }
}
