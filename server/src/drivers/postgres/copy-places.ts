import { join } from 'node:path'
import { copyName } from '../../apps/app/names.ts'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import { portOf } from './create.ts'

/** Port of a copy that does not listen on the network: it is only part of the socket's name. */
const SOCKET_PORT = 5432

interface Options {
  /** Folder of all copies. */
  at: string
  run: string
  logs: string
  cluster: () => Promise<ClusterPlace | null>
}

export type CopyPlaces = ReturnType<typeof copyPlaces>

/** Where each copy is and listens. */
export function copyPlaces({ at, run, logs, cluster }: Options) {
  const folder = (name: string) => join(at, name)
  const data = (name: string) => join(folder(name), 'data')
  const socketFolder = (name: string) => join(run, `c-${name}`)
  return {
    all: at,
    socketPort: SOCKET_PORT,
    folder,
    data,
    service: copyName,
    socketFolder,
    log: (name: string) => join(logs, copyName(name)),
    async place(name: string): Promise<ClusterPlace> {
      const real = (await cluster())!
      const port = (await portOf(folder(name))) ?? SOCKET_PORT
      return { ...real, data: data(name), socketFolder: socketFolder(name), port }
    },
  }
}
