import type { Role } from '../../api/wire.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Colour } from '../../reach/edge/edge.ts'
import { currentRelease } from '../app/app.ts'
import type { Wanted } from '../app/secrets.ts'
import { clusterGone } from '../databases/gone.ts'
import type { Release } from '../releases/release.ts'
import { createAhead } from './ahead.ts'
import { rollbackTarget } from './back.ts'
import { planRollback, planSwitch } from './changes.ts'
import { planOfDeploy } from './deploying.ts'
import type { PortFinder } from './observe.ts'
import type { DeployPorts } from './ports.ts'
import { planOfPromotion } from './promotion.ts'
import type { ReadUpload } from './request.ts'
import { planReset, planSeed } from './reset.ts'
import { retireDue } from './retire.ts'
import { planRemove, planScale, planStop } from './scale.ts'
import { schemaNow } from './schema-now.ts'
import { planOfGraceEnd, planOfSecrets } from './secrets-now.ts'
import { createSight, type Sight, SPARE_PORTS } from './sight.ts'
import { asWaking, checkSleeps, isAsleep, planRest, planSleep, planStay } from './sleep.ts'
import { planRestart, planStart } from './start.ts'
import type { DeployStep } from './step.ts'
import type { DeployRequest, PromotionRequest } from './wire.ts'
import type { World } from './world.ts'

export interface Deployer {
  /** `role`: the role of the person or token that asks. */
  planDeploy(app: string, request: DeployRequest, role: Role): Promise<Plan<DeployStep>>
  /** `app` gets what another of its environments serves. `role`: as above. Failures begin with `promote.`. */
  planPromotion(app: string, wish: PromotionRequest, role: Role): Promise<Plan<DeployStep>>
  /** `wanted`: a release, or which way. */
  planRollback(app: string, wanted: string | 'back' | 'forward'): Promise<Plan<DeployStep>>
  planSwitch(app: string, colour: Colour): Promise<Plan<DeployStep>>
  planScale(app: string, instances: Readonly<Record<string, number>>): Promise<Plan<DeployStep>>
  planRestart(app: string, services: readonly string[] | null): Promise<Plan<DeployStep>>
  /** Failure `database.production`: neither is done to production. */
  planSeed(app: string): Promise<Plan<DeployStep>>
  planReset(app: string): Promise<Plan<DeployStep>>
  planStop(app: string): Promise<Plan<DeployStep>>
  /** It is stopped until somebody asks for it. Failure `sleep.never`. */
  planSleep(app: string): Promise<Plan<DeployStep>>
  /** Its servers are stopped once more, because something started them while it slept. */
  planRest(app: string): Promise<Plan<DeployStep>>
  planWake(app: string): Promise<Plan<DeployStep>>
  planRemove(app: string, what: { data: boolean }): Promise<Plan<DeployStep>>
  planStart(app: string): Promise<Plan<DeployStep>>
  /** `variables`: of the release that serves, with earlier values of secrets whose time is over. */
  planGraceEnd(app: string, variables: readonly string[]): Promise<Plan<DeployStep>>
  /** `wanted`: secret → value; null: it goes. `how.plan`: a plan alone is asked for. Failure `secret.needed`. */
  planSecrets(app: string, wanted: Wanted, how: { plan: boolean }): Promise<Plan<DeployStep>>
  /** What a plan for this app is made from, and its current release. */
  world(app: string): Promise<{ world: World; release: Release | null }>
  /** Stops old colours that were kept warm long enough. Called by a timer. */
  retireDue(): Promise<void>
  /** Copies what will probably be promoted. Called by a timer. */
  bringAhead(): Promise<void>
  /** Removes values that came with a request some minutes ago: by now a run has taken them up, or none will. Called by a timer. */
  forgetGiven(): Promise<void>
}

/** How long values are put aside at least. It takes less time from a plan to the start of its run. */
const GIVEN_MS = 5 * 60_000

interface Options {
  ports: DeployPorts
  finder: PortFinder
  engine: Engine<DeployStep>
  readUpload: ReadUpload
}

/** Observes the app and plans each change of it. */
export function createDeployer(options: Options): Deployer {
  const { ports, finder, engine } = options
  const sight = createSight(ports, finder)
  const ahead = createAhead({ ports, engine })
  /** Of an app whose instances are started: each of them would fail without the files of its cluster. Failure `database.gone`. */
  const serving: Sight['current'] = async (name, more) => {
    const found = await sight.current(name, more)
    const cluster = ports.clusters.of(name)
    if (found.release.config.database?.postgres === true && (await cluster.place()) === null)
      throw clusterGone(name, (await cluster.expected())?.data ?? ports.home.cluster(name))
    return found
  }
  return {
    planDeploy: (name, request, role) => planOfDeploy(options, sight, { name, request, role }),
    planPromotion: (name, wish, role) => planOfPromotion(options, sight, { name, wish, role }),
    async planRollback(name, wanted) {
      const { world: seen } = await serving(name)
      const releases = await ports.releases.list(name)
      const target = rollbackTarget(seen.app, releases, wanted)
      return planRollback(seen, target, releases, await schemaNow(ports, name, releases))
    },
    async planSwitch(name, colour) {
      const { world: seen } = await serving(name)
      const releases = await ports.releases.list(name)
      return planSwitch(seen, colour, releases, await schemaNow(ports, name, releases))
    },
    async planScale(name, instances) {
      const more = Object.values(instances).reduce((sum, n) => sum + n, SPARE_PORTS)
      const { world: seen, release } = await serving(name, more)
      return planScale(seen, release, instances)
    },
    async planRestart(name, services) {
      const { world: seen, release } = await serving(name)
      return planRestart(seen, release, services)
    },
    async planSeed(name) {
      const { release } = await serving(name)
      return planSeed(name, release)
    },
    async planReset(name) {
      const { world: seen, release } = await serving(name)
      return planReset(seen, release, ports.clock.now())
    },
    async planStop(name) {
      const { world: seen } = await sight.current(name)
      return isAsleep(seen) ? planStay(seen) : planStop(seen)
    },
    async planSleep(name) {
      const { world: seen, release } = await sight.current(name)
      checkSleeps(name, release.config)
      return planSleep(seen, release)
    },
    async planRemove(name, what) {
      // The app may be removed already: `data` then deletes what that removal kept.
      if (!(what.data && (await ports.files.exists(ports.home.app(name).root)))) await sight.known(name)
      return planRemove(await sight.world(name), what)
    },
    async planStart(name) {
      const { world: seen, release } = await serving(name)
      return planStart(seen, release)
    },
    async planRest(name) {
      const { world: seen, release } = await sight.current(name)
      return planRest(seen, release)
    },
    async planWake(name) {
      const { world: seen, release } = await serving(name)
      return asWaking(planStart(seen, release))
    },
    planGraceEnd: (name, variables) => planOfGraceEnd(ports, sight, { name, variables }),
    planSecrets: (name, wanted, how) => planOfSecrets(ports, sight, { name, wanted, ...how }),
    async world(name) {
      await sight.known(name)
      const seen = await sight.world(name)
      const id = currentRelease(seen.app)
      return { world: seen, release: id === null ? null : await ports.releases.get(name, id) }
    },
    bringAhead: ahead.tick,
    retireDue: () => retireDue({ ports, engine, world: sight.world }),
    async forgetGiven() {
      if (!engine.busy()) await ports.apps.forgetGiven(ports.clock.now() - GIVEN_MS)
    },
  }
}
