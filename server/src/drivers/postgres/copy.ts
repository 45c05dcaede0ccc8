import { readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import pg from 'pg'
import type { ClustersBeside } from '../../data/restores/clusters-beside.ts'
import { execOk } from '../host/exec.ts'
import { makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { type CopyAccess, copyAccess } from './copy-access.ts'
import { copyPlaces } from './copy-places.ts'
import { defineCopy, type Options, reserveCopy, startCopy } from './copy-server.ts'
import { portFileOf, programsOf, writePassFile } from './create.ts'
import { removeReader } from './reader.ts'

/** Longest time for writing restored data to the disk: it may be all of a large database. */
const LONGEST_SYNC_MS = 3_600_000

const SUBSCRIPTIONS = `
  select subname as name, datname as database, subenabled as enabled
    from pg_subscription join pg_database d on d.oid = subdbid order by subname`

/** Disables the subscriptions of a copy. Returns all that are disabled and were not when they were made. */
async function disableSubscriptions({ superuser }: CopyAccess, name: string): Promise<string[]> {
  const found = await superuser(name, 'postgres', query => query(SUBSCRIPTIONS))
  for (const { name: subscription, database } of found.filter(row => row['enabled'] === true))
    await superuser(name, String(database), async query => {
      await query(`alter subscription ${pg.escapeIdentifier(String(subscription))} disable`)
    })
  return found.filter(row => row['enabled'] === true).map(row => String(row['name']))
}

/** Copies of one app's cluster, as services of the supervisor: they survive the keeper, and end with `inn down`. */
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
    async fetch(physical, { name, port, background, replaces, ...order }) {
      await remove(name)
      await makeFolder(places.all)
      const folder = places.folder(name)
      await makeFolder(folder)
      await reserveCopy(options, places, name)
      if (port !== null) await writeDurable(portFileOf(folder), String(port))
      // On a machine that is being recovered, the cluster has not run yet and has left none.
      const real = await options.cluster()
      if (real !== null) await writePassFile(dirname(real.passFile), await options.account())
      const restored = await physical.restore({
        ...order,
        into: places.data(name),
        scratch: join(folder, 'scratch'),
      })
      // Which PostgreSQL runs it follows from the files.
      await defineCopy(options, places, { name, port, background, replaces })
      return restored
    },
    async settle(name) {
      const { data, major } = await places.place(name)
      // A copy that an earlier call has stopped, or began to stop, was changed by it already.
      const state = await supervisor.state(places.service(name))
      const runs = state?.pid != null && state.wanted
      const disabled = runs ? await disableSubscriptions(access, name) : []
      if (runs) {
        await access.superuser(name, 'postgres', async query => {
          await removeReader(query)
          await query('alter system reset all')
          await query('checkpoint')
        })
      }
      if (state?.pid != null) await supervisor.stop(places.service(name))
      // It ran without fsync.
      const argv = [join(await programsOf(major), 'initdb'), '--sync-only', '-D', data]
      const user = await options.account()
      await execOk(
        { argv, user, env: { LANG: 'C.UTF-8' }, timeoutMs: LONGEST_SYNC_MS },
        'writing the restored data to the disk',
      )
      return { data, disabled }
    },
    start: (name, signal) => startCopy(options, { places, access }, { name, signal }),
    list: () => readdir(places.all).catch(() => []),
  }
}
