import type { Role } from '../../api/wire.ts'
import { digestOf } from '../../config/digest.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Colour } from '../../reach/edge/edge.ts'
import { currentRelease } from '../app/app.ts'
import { redisName } from '../app/names.ts'
import type { Wanted } from '../app/secrets.ts'
import { clusterGone } from '../databases/gone.ts'
import type { Release } from '../releases/release.ts'
import { artifactsNow } from '../releases/rule.ts'
import { rollbackTarget } from './back.ts'
import { planDeploy, planRestart, planRollback, planStart, planSwitch } from './changes.ts'
import type { PortFinder } from './observe.ts'
import { checkOrigin, newlyKnown } from './origin.ts'
import type { DeployPorts } from './ports.ts'
import {
  channelNotices,
  checkAlerts,
  checkFiles,
  checkGiven,
  checkPlaces,
  checkReach,
  configOf,
  type ReadUpload,
} from './request.ts'
import { retireDue } from './retire.ts'
import { findReuse } from './reuse.ts'
import { NOTHING, type Reuse } from './reuse-notices.ts'
import { planRemove, planScale, planStop } from './scale.ts'
import { schemaNow } from './schema-now.ts'
import { planOfGraceEnd, planOfSecrets } from './secrets-now.ts'
import { createSight, type Sight, SPARE_PORTS } from './sight.ts'
import type { DeployStep } from './step.ts'
import { type DeployRequest, Origin } from './wire.ts'
import type { World } from './world.ts'

export interface Deployer {
  /** `role`: the role of the person or token that asks. */
  planDeploy(app: string, request: DeployRequest, role: Role): Promise<Plan<DeployStep>>
  /** `wanted`: a release, or which way. */
  planRollback(app: string, wanted: string | 'back' | 'forward'): Promise<Plan<DeployStep>>
  planSwitch(app: string, colour: Colour): Promise<Plan<DeployStep>>
  planScale(app: string, instances: Readonly<Record<string, number>>): Promise<Plan<DeployStep>>
  planRestart(app: string, services: readonly string[] | null): Promise<Plan<DeployStep>>
  planStop(app: string): Promise<Plan<DeployStep>>
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
    planStop: async name => planStop((await sight.current(name)).world),
    async planRemove(name, what) {
      // The app may be removed already: `data` then deletes what that removal kept.
      if (!(what.data && (await ports.files.exists(ports.home.app(name).root)))) await sight.known(name)
      return planRemove(await sight.world(name), what)
    },
    async planStart(name) {
      const { world: seen, release } = await serving(name)
      return planStart(seen, release)
    },
    planGraceEnd: (name, variables) => planOfGraceEnd(ports, sight, { name, variables }),
    planSecrets: (name, wanted, how) => planOfSecrets(ports, sight, { name, wanted, ...how }),
    async world(name) {
      await sight.known(name)
      const seen = await sight.world(name)
      const id = currentRelease(seen.app)
      return { world: seen, release: id === null ? null : await ports.releases.get(name, id) }
    },
    retireDue: () => retireDue({ ports, engine, world: sight.world }),
    async forgetGiven() {
      if (!engine.busy()) await ports.apps.forgetGiven(ports.clock.now() - GIVEN_MS)
    },
  }
}

interface Asked {
  name: string
  request: DeployRequest
  role: Role
}

async function planOfDeploy(
  { ports, readUpload }: Options,
  sight: Sight,
  { name, request, role }: Asked,
): Promise<Plan<DeployStep>> {
  const config = await configOf(ports, readUpload, { name, request })
  const secrets = { ...(await ports.apps.secrets(name)), ...request.env }
  checkReach(ports, config)
  if (role !== 'admin') {
    await checkPlaces(ports, { app: name, config, secrets })
    await checkFiles(ports, { app: name, config })
  }
  await checkAlerts(ports, { app: name, config })
  checkGiven(config, secrets)
  const known = Origin.nullable().parse(await ports.apps.origin(name))
  checkOrigin(name, known, request)
  const seen = await sight.world(name, { config })
  const id = currentRelease(seen.app)
  const number = await ports.releases.nextNumber(name)
  const names = Object.keys(request.env).sort()
  const given = names.length === 0 ? null : { id: ports.random(24), names }
  const returns = id !== null && config.database?.postgres === true
  const only = request.only ?? null
  const plan = planDeploy(seen, {
    number,
    fresh: request.fresh,
    reuse: await reuseFor(ports, name, { request, config, only, secrets }),
    point: returns ? pointBefore(name, number, ports.clock.now()) : null,
    warnings: [...(returns ? await ports.warnings(name) : []), ...(await channelNotices(ports, config))],
    upload: request.upload ?? '',
    commit: request.commit,
    config,
    digest: digestOf(config),
    only,
    watchMs: request.watchMs ?? null,
    current: id === null ? null : await ports.releases.find(name, id),
    artifacts: artifactsNow(seen.app, await ports.releases.list(name)),
    redisPort: config.redis === true ? await redisPort(ports, seen) : null,
    given,
    origin: newlyKnown(known, request),
  })
  // Last, so that a refused request leaves nothing. `forgetGiven` removes values that no run takes up.
  if (given !== null && !request.plan) await ports.apps.putAside(name, given.id, asWanted(request.env))
  return plan
}

const asWanted = (env: Readonly<Record<string, string>>): Wanted =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, { value }]))

/** A plan alone may come without its source: then it shows the builds, and the deploy finds out. */
async function reuseFor(
  ports: DeployPorts,
  app: string,
  {
    request,
    ...source
  }: { request: DeployRequest } & Pick<Parameters<typeof findReuse>[2], 'config' | 'only' | 'secrets'>,
): Promise<Reuse> {
  if (request.fresh || request.upload === undefined) return NOTHING
  return findReuse(ports, app, { ...source, upload: request.upload })
}

/** The port that the app's Redis has, or a free one. */
async function redisPort({ apps }: Pick<DeployPorts, 'apps'>, { app, ports, free }: World): Promise<number> {
  const name = redisName(app.name)
  return ports[name] ?? (await apps.ports()).get(name) ?? free.at(-1)!
}

/** Release numbers begin again after an app was removed, so the name of the point contains the time. */
const pointBefore = (app: string, number: number, now: number): string =>
  `${app}-before-r${number}-${new Date(now).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}`
