import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClustersBeside } from '../../data/restores/clusters-beside.ts'
import { makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { copyAccess } from './copy-access.ts'
import { copyPlaces } from './copy-places.ts'
import { defineCopy, type Options, startCopy } from './copy-server.ts'
import { portFileOf } from './create.ts'

/** Copies as services of the supervisor: they survive the keeper, and end with `inn down`. */
export function postgresCopies(options: Options): ClustersBeside {
  const { supervisor } = options
  const places = copyPlaces(options)
  const access = copyAccess(places)

  async function remove(name: string): Promise<void> {
    const service = places.service(name)
    if ((await supervisor.state(service)) !== null) await supervisor.remove(service)
    await removeTree(places.folder(name))
    await rm(places.socketFolder(name), { recursive: true, force: true })
    await removeTree(places.log(name))
  }

  return {
    place: places.place,
    ...access,
    remove,
    async fetch(physical, { name, port, background, ...order }) {
      await remove(name)
      await makeFolder(places.all)
      const folder = places.folder(name)
      await makeFolder(folder)
      if (port !== null) await writeDurable(portFileOf(folder), String(port))
      // Defined while the files are restored: the supervisor looks for new services only every five seconds, and writing
      // the service's files is slow while the disk is busy.
      const defined = defineCopy(options, places, { name, port, background })
      const restored = physical.restore({
        ...order,
        into: places.data(name),
        scratch: join(folder, 'scratch'),
      })
      // Both are awaited even when one fails, so that nothing is written afterwards.
      await Promise.allSettled([defined, restored])
      await defined
      return restored
    },
    start: (name, signal) => startCopy(options, { places, access }, { name, signal }),
    list: () => readdir(places.all).catch(() => []),
  }
}
