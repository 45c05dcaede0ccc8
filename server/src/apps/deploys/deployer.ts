import { join, normalize } from 'node:path'
import type { Role } from '../../api/wire.ts'
import type { AppConfig } from '../../config/config.ts'
import { digestOf } from '../../config/digest.ts'
import { readConfigOrFail } from '../../config/read.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import type { Colour } from '../../reach/edge/edge.ts'
import { currentRelease, newest } from '../app/app.ts'
import { parseApp, redisName } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import { artifactsNow } from '../releases/rule.ts'
import { planDeploy, planRestart, planRollback, planStart, planSwitch } from './changes.ts'
import { type Intent, observe, type PortFinder } from './observe.ts'
import type { DeployPorts } from './ports.ts'
import { planRemove, planRetire, planScale, planStop } from './scale.ts'
import type { DeployStep } from './step.ts'
import type { DeployRequest } from './wire.ts'
import type { World } from './world.ts'

/** Reads one file of an uploaded archive: a plan needs the configuration in it. null: the archive has no such file. */
export type ReadUpload = (archive: string, file: string) => Promise<string | null>

export interface Deployer {
  /** `role`: the role of the person or token that asks. */
  planDeploy(app: string, request: DeployRequest, role: Role): Promise<Plan<DeployStep>>
  planRollback(app: string, release: string | null): Promise<Plan<DeployStep>>
  planSwitch(app: string, colour: Colour): Promise<Plan<DeployStep>>
  planScale(app: string, instances: Readonly<Record<string, number>>): Promise<Plan<DeployStep>>
  planRestart(app: string, services: readonly string[] | null): Promise<Plan<DeployStep>>
  planStop(app: string): Promise<Plan<DeployStep>>
  planRemove(app: string, what: { data: boolean }): Promise<Plan<DeployStep>>
  planStart(app: string): Promise<Plan<DeployStep>>
  /** What a plan for this app is made from, and its current release. */
  world(app: string): Promise<{ world: World; release: Release | null }>
  /** Stops old colours that were kept warm long enough. Called by a timer. */
  retireDue(): Promise<void>
  /** Removes values that came with a request some minutes ago: by now a run has taken them up, or none will. Called by a timer. */
  forgetGiven(): Promise<void>
}

/** Additional ports for a rollback: another program may have taken the port of an older release's instance. */
const SPARE_PORTS = 8

/** How long values are put aside at least. It takes less time from a plan to the start of its run. */
const GIVEN_MS = 5 * 60_000

interface Options {
  ports: DeployPorts
  finder: PortFinder
  engine: Engine<DeployStep>
  readUpload: ReadUpload
}

/** Observes the app and plans each change of it. */
export function createDeployer({ ports, finder, engine, readUpload }: Options): Deployer {
  const known = async (name: string): Promise<void> => {
    const apps = (await ports.apps.all()).map(app => app.name)
    if (apps.includes(name)) return
    const near = didYouMean(name, apps)
    const fix =
      apps.length === 0
        ? 'inn deploy, in the folder of an app'
        : near === null
          ? `apps here: ${list(apps)}`
          : `did you mean ${near}?`
    throw new Failure('app.unknown', `there is no app ${name}`, {
      why: 'nothing of that name was deployed here',
      fix,
    })
  }
  const world = (name: string, { config = null, more = SPARE_PORTS }: Partial<Intent> = {}): Promise<World> =>
    observe(ports, finder, { name, config, more })
  const current = async (name: string, more = SPARE_PORTS): Promise<{ world: World; release: Release }> => {
    await known(name)
    const seen = await world(name, { more })
    const id = currentRelease(seen.app)
    if (id === null) {
      throw new Failure('app.nothing-live', `nothing of ${name} was deployed with success yet`, {
        why: 'its first deploy did not end well',
        fix: 'inn deploy',
      })
    }
    return { world: seen, release: await ports.releases.get(name, id) }
  }

  return {
    async planDeploy(name, request, role) {
      const config = await configOf(ports, readUpload, request)
      if (config.name !== parseApp(name).name) {
        throw new Failure('deploy.other-name', `the file is of ${config.name}, not of ${name}`, {
          why: 'name: in innkeeper.yaml says so',
          fix: `inn deploy in the folder of ${name}`,
        })
      }
      const secrets = { ...(await ports.apps.secrets(name)), ...request.env }
      checkReach(ports, config)
      if (role !== 'admin') await checkPlaces(ports, { app: name, config, secrets })
      checkGiven(config, secrets)
      const seen = await world(name, { config })
      const id = currentRelease(seen.app)
      const number = await ports.releases.nextNumber(name)
      const names = Object.keys(request.env).sort()
      const given = names.length === 0 ? null : { id: ports.random(24), names }
      const returns = id !== null && config.database?.postgres === true
      const plan = planDeploy(seen, {
        number,
        point: returns ? pointBefore(name, number, ports.clock.now()) : null,
        warnings: returns ? await ports.warnings() : [],
        upload: request.upload ?? '',
        commit: request.commit,
        config,
        digest: digestOf(config),
        only: request.only ?? null,
        watchMs: request.watchMs ?? null,
        current: id === null ? null : await ports.releases.find(name, id),
        artifacts: artifactsNow(seen.app, await ports.releases.list(name)),
        redisPort:
          config.redis === true
            ? (seen.ports[redisName(name)] ??
              (await ports.apps.ports()).get(redisName(name)) ??
              seen.free.at(-1)!)
            : null,
        given,
      })
      // Last, so that a refused request leaves nothing. `forgetGiven` removes values that no run takes up.
      if (given !== null && !request.plan) await ports.apps.putAside(name, given.id, request.env)
      return plan
    },
    async planRollback(name, wanted) {
      const { world: seen } = await current(name)
      const releases = await ports.releases.list(name)
      return planRollback(seen, rollbackTarget(seen, releases, wanted), releases, 0)
    },
    async planSwitch(name, colour) {
      const { world: seen } = await current(name)
      return planSwitch(seen, colour, await ports.releases.list(name))
    },
    async planScale(name, instances) {
      const { world: seen, release } = await current(
        name,
        Object.values(instances).reduce((sum, n) => sum + n, SPARE_PORTS),
      )
      return planScale(seen, release, instances)
    },
    async planRestart(name, services) {
      const { world: seen, release } = await current(name)
      return planRestart(seen, release, services)
    },
    async planStop(name) {
      return planStop((await current(name)).world)
    },
    async planRemove(name, what) {
      // The app may be removed already: `data` then deletes what that removal kept.
      if (!(what.data && (await ports.files.exists(ports.home.app(name).root)))) await known(name)
      return planRemove(await world(name), what)
    },
    async planStart(name) {
      const { world: seen, release } = await current(name)
      return planStart(seen, release)
    },
    async world(name) {
      await known(name)
      const seen = await world(name)
      const id = currentRelease(seen.app)
      return { world: seen, release: id === null ? null : await ports.releases.get(name, id) }
    },
    retireDue: () => retireDue({ ports, engine, world }),
    async forgetGiven() {
      if (!engine.busy()) await ports.apps.forgetGiven(ports.clock.now() - GIVEN_MS)
    },
  }
}

/** Release numbers begin again after an app was removed, so the name of the point contains the time. */
const pointBefore = (app: string, number: number, now: number): string =>
  `${app}-before-r${number}-${new Date(now).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}`

async function configOf(
  ports: DeployPorts,
  readUpload: ReadUpload,
  request: DeployRequest,
): Promise<AppConfig> {
  if (request.config !== undefined && request.plan) return readConfigOrFail(request.config)
  if (request.upload === undefined) {
    throw new Failure('deploy.no-source', 'there is nothing to deploy', {
      why: 'the request names no uploaded source',
      fix: 'PUT /api/uploads/SHA256 first, or use inn deploy',
    })
  }
  const text = await readUpload(join(ports.home.uploads, `${request.upload}.tgz`), 'innkeeper.yaml')
  if (text !== null) return readConfigOrFail(text)
  throw new Failure('deploy.no-config', 'the source has no innkeeper.yaml', {
    why: 'it must stand at the top of the folder, and be tracked by git',
    fix: 'inn init writes one; git add innkeeper.yaml',
  })
}

/** A place must not lie in the folder of an app: root writes to places, and must not follow a path that an app could prepare. */
function checkReach({ home }: Pick<DeployPorts, 'home'>, { backups }: AppConfig): void {
  for (const [name, place] of Object.entries(backups.where ?? {})) {
    if (!('folder' in place && `${normalize(place.folder)}/`.startsWith(`${home.root}/apps/`))) continue
    throw new Failure('config.invalid', `the place ${name} lies in the folder of an app`, {
      why: `whoever is that app could put a link there: ${place.folder}`,
      fix: 'name a folder outside of the home of Innkeeper; without where: there is one already',
    })
  }
}

/** A place for backups receives the data of every app, and root writes there. Adding one takes more rights than a deploy. */
async function checkPlaces(
  ports: Pick<DeployPorts, 'newPlaces'>,
  app: Parameters<DeployPorts['newPlaces']>[0],
): Promise<void> {
  const added = await ports.newPlaces(app)
  if (added.length === 0) return
  throw new Failure('access.forbidden', `only an admin may add a place for backups: ${list(added)}`, {
    why: 'it would receive the data of all apps of this server, and root would write there',
    fix: 'let an admin deploy this once; afterwards the place is known',
  })
}

/** Refuses a deploy that lacks a value for an `env` entry, before anything is built. */
function checkGiven(config: AppConfig, secrets: Readonly<Record<string, string>>): void {
  const sections = [
    config.env,
    ...config.services.flatMap(s => [s.env, s.buildEnv]),
    config.release?.env ?? {},
    ...Object.values(config.backups.where ?? {}).map(place =>
      's3' in place ? { keyId: place.s3.keyId, secret: place.s3.secret } : {},
    ),
  ]
  const wanted = sections
    .flatMap(env => Object.values(env))
    .flatMap(value => (typeof value === 'object' && 'from' in value ? [value.from] : []))
  const missing = [...new Set(wanted)].filter(name => secrets[name] === undefined)
  if (missing.length === 0) return
  throw new Failure('env.missing', `${list(missing)} ${missing.length === 1 ? 'has' : 'have'} no value`, {
    why: 'innkeeper.yaml says that whoever deploys gives it (from:), and it was never given',
    fix: `inn deploy --env-file FILE (or --env ${missing[0]}, from this shell); it is kept for later deploys`,
    facts: { names: missing },
  })
}

function rollbackTarget(world: World, releases: readonly Release[], wanted: string | null): Release {
  const id = wanted ?? newest(Object.values(world.app.warm).map(one => one.release))
  const app = world.app.name
  if (id === null)
    throw new Failure('rollback.none', `${app} has no release to return to`, {
      why: 'only one was ever live',
      fix: `inn releases ${app}`,
    })
  const found = releases.find(r => r.id === id)
  const why =
    found === undefined
      ? 'it was never made'
      : found.state === 'pruned'
        ? 'its files were removed; keep: in innkeeper.yaml says how many stay'
        : found.state === 'failed'
          ? 'its deploy failed, it never served'
          : found.state === 'building'
            ? 'it is being built'
            : null
  if (found === undefined || why !== null)
    throw new Failure('rollback.unusable', `${app} cannot return to ${id}`, {
      why: why!,
      fix: `inn releases ${app} lists the ones that are ready`,
    })
  return found
}

interface Retiring {
  ports: DeployPorts
  engine: Engine<DeployStep>
  world: (name: string) => Promise<World>
}

async function retireDue({ ports, engine, world }: Retiring): Promise<void> {
  const now = ports.clock.now()
  const all = await ports.apps.retirements()
  for (const app of new Set(all.map(r => r.app))) {
    const traffic = await ports.edge
      .traffic(app)
      .catch(() => ({}) as Awaited<ReturnType<typeof ports.edge.traffic>>)
    const due = all.filter(
      r =>
        r.app === app &&
        r.warmUntil <= now &&
        (r.drainUntil <= now || (traffic[`${r.service}/${r.release}`]?.active ?? 0) === 0),
    )
    if (due.length === 0) continue
    try {
      engine.start(planRetire(await world(app), due), 'keeper')
    } catch (error) {
      // Another run holds the app's lock. A deploy stops old instances itself; else the next tick does.
      if (!(error instanceof Failure && error.code === 'run.locked')) throw error
    }
  }
}
