import { parseApp, previewOf } from '../../config/app-key.ts'
import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Plan } from '../../engine/plan.ts'
import { type App, currentRelease } from '../app/app.ts'
import { buildLock } from '../app/names.ts'
import { builtIn, type Release } from '../releases/release.ts'
import type { DeployPorts } from './ports.ts'
import type { DeployStep } from './step.ts'

interface Options {
  ports: Pick<DeployPorts, 'apps' | 'releases' | 'home' | 'files' | 'room'>
  engine: Pick<Engine<DeployStep>, 'start' | 'busy'>
}

interface Serving {
  app: App
  release: Release
}

/** Room that is left free beside a copy. */
const LEAST_BYTES = 2 * 1024 ** 3

/**
 * Copies what an environment serves to where it will be promoted to, as soon as it serves: copying its files takes most of
 * the time of a promotion. It does so where `protection: { from }` takes promotions from there.
 */
export function createAhead({ ports, engine }: Options) {
  const { apps, releases, home, files, room } = ports
  /** What was tried: one that fails is copied by the promotion, which says why it fails. */
  const tried = new Set<string>()

  async function serving(): Promise<Serving[]> {
    const found = (await apps.all()).map(async app => {
      const id = app.state === 'running' ? currentRelease(app) : null
      if (id === null || previewOf(parseApp(app.name).environment) !== null) return []
      return [{ app, release: await releases.get(app.name, id) }]
    })
    return (await Promise.all(found)).flat()
  }

  async function isDue(from: Serving, to: Serving): Promise<boolean> {
    if (!isExpected(from, to)) return false
    const key = keyOf(from, to)
    if (tried.has(key)) return false
    const there = home.app(to.app.name).ahead.of(`${from.app.name}.${builtIn(from.release)}`)
    if (await files.exists(there)) return false
    const { diskFree } = await room()
    return diskFree > LEAST_BYTES + 2 * (from.release.sizeBytes ?? 0)
  }

  return {
    /** Begins one copy that is due, while nothing else is done; called by a timer. */
    async tick(): Promise<void> {
      if (engine.busy()) return
      const all = await serving()
      for (const to of all) {
        for (const from of all) {
          if (!(await isDue(from, to))) continue
          tried.add(keyOf(from, to))
          startUnlessLocked(engine, planAhead(to.app.name, from))
          return
        }
      }
    },
  }
}

const keyOf = (from: Serving, to: Serving): string =>
  [to.app.name, from.app.name, builtIn(from.release)].join(' ')

/** Whether one environment serves what is to be promoted to another. */
export function isExpected(from: Serving, to: Serving): boolean {
  const [source, target] = [parseApp(from.app.name), parseApp(to.app.name)]
  const asked = to.release.config.protection?.from?.includes(source.environment) ?? false
  if (!asked || source.name !== target.name || source.environment === target.environment) return false
  // It is there already, or of several builds, which no promotion takes.
  return to.release.source !== from.release.source && isWhole(from)
}

const isWhole = ({ app, release }: Serving): boolean =>
  new Set(Object.values(release.artifacts)).size === 1 &&
  Object.values(app.live).every(on => on.release === release.id)

export const planAhead = (
  app: string,
  { app: from, release }: Pick<Serving, 'app' | 'release'>,
): Plan<DeployStep> => ({
  kind: 'ahead',
  title: `copy ${release.id} of ${from.name} for its promotion to ${app}`,
  app,
  release: null,
  locks: [buildLock(app)],
  steps: [
    { does: { kind: 'release.ahead', app, from: { app: from.name, release: builtIn(release) } }, undo: null },
  ],
  cleanup: [],
  notices: [],
})
