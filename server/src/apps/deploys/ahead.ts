import { parseApp, previewOf } from '../../config/app-key.ts'
import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Plan } from '../../engine/plan.ts'
import type { App } from '../app/app.ts'
import { buildLock } from '../app/names.ts'
import { currentReleases } from '../releases/current.ts'
import { builtIn, type Release } from '../releases/release.ts'
import type { DeployPorts } from './ports.ts'
import { isWhole } from './promotion-rule.ts'
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
  const { home, files, room } = ports
  /** What was tried: one that fails is copied by the promotion, which says why it fails. */
  const tried = new Set<string>()

  async function isDue(from: Serving, to: Serving): Promise<boolean> {
    if (!isExpected(from, to)) return false
    const key = keyOf(from, to)
    if (tried.has(key)) return false
    if (await files.exists(home.app(to.app.name).ahead.of(builtOf(from)))) return false
    const { diskFree } = await room()
    return diskFree > LEAST_BYTES + 2 * (from.release.sizeBytes ?? 0)
  }

  return {
    /** Begins one copy that is due, while nothing else is done; called by a timer. */
    async tick(): Promise<void> {
      if (engine.busy()) return
      const all = (await currentReleases(ports)).filter(
        ({ app }) => app.state === 'running' && previewOf(parseApp(app.name).environment) === null,
      )
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

const builtOf = ({ app, release }: Serving) => ({ app: app.name, release: builtIn(release) })

const keyOf = (from: Serving, to: Serving): string => [to.app.name, ...Object.values(builtOf(from))].join(' ')

/** Whether one environment serves what is to be promoted to another. */
export function isExpected(from: Serving, to: Serving): boolean {
  const [source, target] = [parseApp(from.app.name), parseApp(to.app.name)]
  const asked = to.release.config.protection?.from?.includes(source.environment) ?? false
  if (!asked || source.name !== target.name || source.environment === target.environment) return false
  // It is there already, or of several builds, which no promotion takes.
  return to.release.source !== from.release.source && isWhole(from.app, from.release)
}

export const planAhead = (app: string, from: Serving): Plan<DeployStep> => ({
  kind: 'ahead',
  title: `copy ${from.release.id} of ${from.app.name} for its promotion to ${app}`,
  app,
  release: null,
  locks: [buildLock(app)],
  steps: [{ does: { kind: 'release.ahead', app, from: builtOf(from) }, undo: null }],
  cleanup: [],
  notices: [],
})
