import { join } from 'node:path'
import { currentRelease } from '../apps/app/app.ts'
import { appStore } from '../apps/app/store.ts'
import type { DrillPorts } from '../data/drills/ports.ts'
import { readKit } from '../data/recovery/kit.ts'
import { removeTree } from '../drivers/host/files.ts'
import { Failure } from '../kernel/failure.ts'
import { keeperIn, openKept, physicalOf, snapshotsOf } from './recover-places.ts'

/** What a kit finds as a new machine would, without a key, a place or a cache of this one. `write`: the kit's text. */
export function byKit(root: string, write: () => Promise<string>): DrillPorts['byKit'] {
  return async ({ place: name, app, into, signal }) => {
    const kit = readKit(await write())
    const place = kit.places.find(p => p.name === name)
    if (place === undefined) throw unknownPlace(name)
    const snapshots = snapshotsOf(kit, join(into, 'kit-cache'))
    const all = await snapshots.list(place)
    const newest = keeperIn(all)
    if (newest === undefined) throw noState(name)
    const state = join(into, 'kit-state')
    await removeTree(state)
    const store = await openKept(snapshots, { place, id: newest.id, into: state, signal })
    try {
      const apps = appStore(store, Date.now)
      return {
        stateAt: newest.at,
        release: currentRelease(await apps.find(app)),
        releases: all.some(s => s.of === `${app}/releases`),
        secrets: await apps.secrets(app),
        backups: (await physicalOf(root, kit, into).list(place)).map(backup => backup.label),
      }
    } finally {
      await store.close()
    }
  }
}

const unknownPlace = (name: string): Failure =>
  new Failure('drill.kit', `the recovery kit does not have ${name}`, {
    why: 'the apps here do not name that place any more',
    fix: 'inn backup now, then inn drill now',
  })

const noState = (name: string): Failure =>
  new Failure('drill.kit', `${name} has no state of the keeper`, {
    why: 'no restore point was made there since it is a place',
    fix: 'inn backup now',
  })
