import { Failure } from '../../kernel/failure.ts'
import { currentRelease } from '../app/app.ts'
import type { AppStore } from '../app/store.ts'
import type { Release } from '../releases/release.ts'
import type { ReleaseStore } from '../releases/store.ts'
import { type Intent, type ObservePorts, observe, type PortFinder } from './observe.ts'
import type { World } from './world.ts'

/** Additional ports for a rollback: another program may have taken the port of an older release's instance. */
export const SPARE_PORTS = 8

export type Sight = ReturnType<typeof createSight>

/** Reads what a plan is made from. Failure `app.unknown`, `app.nothing-live`. */
export function createSight(
  ports: ObservePorts & { apps: Pick<AppStore, 'get'>; releases: Pick<ReleaseStore, 'get'> },
  finder: PortFinder,
) {
  const known = async (name: string): Promise<void> => void (await ports.apps.get(name))
  const world = (name: string, { config = null, more = SPARE_PORTS }: Partial<Intent> = {}): Promise<World> =>
    observe(ports, finder, { name, config, more })

  /** The current release of an app that serves. */
  async function release(name: string): Promise<Release> {
    const id = currentRelease(await ports.apps.get(name))
    if (id !== null) return ports.releases.get(name, id)
    throw new Failure('app.nothing-live', `nothing of ${name} was deployed with success yet`, {
      why: 'its first deploy did not end well',
      fix: '`inn deploy`',
    })
  }

  return {
    known,
    world,
    release,
    /** Of an app that serves: the world, and its current release. */
    async current(name: string, more = SPARE_PORTS): Promise<{ world: World; release: Release }> {
      return { release: await release(name), world: await world(name, { more }) }
    },
  }
}
