import type { Role } from '../../api/wire.ts'
import { parseApp } from '../../config/app-key.ts'
import type { AppConfig } from '../../config/config.ts'
import { digestOf } from '../../config/digest.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { currentRelease } from '../app/app.ts'
import { pointBefore, poolerName, redisName } from '../app/names.ts'
import { type KeptSecret, valuesOf, type Wanted as WantedSecrets } from '../app/secrets.ts'
import { isDue } from '../references/rule.ts'
import { builtIn, type Release } from '../releases/release.ts'
import { artifactsNow } from '../releases/rule.ts'
import { secretUses } from '../releases/secret-uses.ts'
import { planDeploy } from './changes.ts'
import { checkOrigin, newlyKnown } from './origin.ts'
import type { DeployPorts } from './ports.ts'
import { asDeployed, copiedFrom, type Deployed } from './preview.ts'
import { checkProtection } from './protection.ts'
import {
  channelNotices,
  checkAlerts,
  checkFiles,
  checkGiven,
  checkPlaces,
  checkReach,
  configOf,
  messageNotices,
  type ReadUpload,
} from './request.ts'
import { findReuse } from './reuse.ts'
import { NOTHING, type Reuse } from './reuse-notices.ts'
import { replacedNotices } from './secrets.ts'
import type { Sight } from './sight.ts'
import type { DeployStep } from './step.ts'
import { type DeployRequest, Origin } from './wire.ts'
import type { World } from './world.ts'

export interface Deploying {
  ports: DeployPorts
  readUpload: ReadUpload
}

interface Asked {
  name: string
  request: DeployRequest
  /** The role of the person or token that asks. */
  role: Role
}

interface Wanted extends Asked, Deployed {
  /** The release whose configuration holds now; null: nothing serves. */
  current: Release | null
  /** What another environment serves; null: the source is built. */
  promoted: { bring: { app: string; release: string }; from: Release; notices: readonly string[] } | null
}

/** Plans the deploy of a source. */
export async function planOfDeploy(
  { ports, readUpload }: Deploying,
  sight: Sight,
  asked: Asked,
): Promise<Plan<DeployStep>> {
  const config = await configOf(ports, readUpload, asked)
  const deployed = await asDeployed(ports, asked.name, { config, request: asked.request })
  const current = await servingOf(ports, asked.name)
  return planWanted(ports, sight, { ...asked, ...deployed, current, promoted: null })
}

/** Checks what is to serve, and plans how it comes to that. */
export async function planWanted(
  ports: DeployPorts,
  sight: Sight,
  wanted: Wanted,
): Promise<Plan<DeployStep>> {
  const { name, request, role, config, current, promoted } = wanted
  checkProtected(ports, wanted)
  const kept = await ports.apps.keptSecrets(name)
  const secrets = { ...valuesOf(kept), ...request.env }
  checkReach(ports, config)
  if (role !== 'admin') {
    await checkPlaces(ports, { app: name, config, secrets })
    await checkFiles(ports, { app: wanted.trusted, config })
  }
  await checkAlerts(ports, { app: name, config })
  checkGiven(name, config, secrets)
  const known = Origin.nullable().parse(await ports.apps.origin(name))
  checkOrigin(name, known, request)
  const seen = await sight.world(name, { config })
  const number = await ports.releases.nextNumber(name)
  const names = Object.keys(request.env).sort()
  const given = names.length === 0 ? null : { id: ports.random(24), names }
  const asked = askedFor({ config, kept, given: request.env, now: ports.clock.now() })
  const returns = current !== null && config.database?.postgres === true
  const only = request.only ?? null
  // What is promoted is what was tested there, and not what was once built of the same source.
  const reuse =
    promoted === null && !asked.inBuild
      ? await reuseFor(ports, name, { request, config, only, secrets })
      : NOTHING
  const plan = planDeploy(seen, {
    number,
    fresh: request.fresh,
    ...(promoted === null
      ? {}
      : {
          bring: promoted.bring,
          title: `promote ${promoted.from.id} of ${promoted.from.app} to ${name}, as r${number}`,
        }),
    override: request.override,
    reuse,
    point:
      returns && config.backups.on && current.config.backups.on
        ? pointBefore({ app: name, number, now: ports.clock.now() })
        : null,
    warnings: [
      ...(returns ? await ports.warnings(name) : []),
      ...(await channelNotices(ports, config)),
      ...(await messageNotices(ports, { app: name, config })),
      ...(promoted?.notices ?? []),
      ...replacedNotices(kept, names),
      ...(await judgedFor(ports, wanted, reuse)),
    ],
    upload: request.upload ?? '',
    commit: request.commit,
    branch: request.branch,
    config,
    digest: digestOf(config),
    only,
    watchMs: request.watchMs ?? null,
    current,
    artifacts: artifactsNow(seen.app, await ports.releases.list(name)),
    redisPort: config.redis === true ? await portOf(ports, redisName(name), { ...seen, nth: -1 }) : null,
    poolerPort:
      config.database?.pooling === undefined
        ? null
        : await portOf(ports, poolerName(name), { ...seen, nth: -2 }),
    given,
    rules: wanted.rules,
    seed: current === null && config.preview?.database === 'seed',
    resolved: asked.names.length === 0 ? null : { id: ports.random(24), names: asked.names },
    copy: current === null ? await copiedFrom(ports, name, config) : null,
    origin: newlyKnown(known, request),
  })
  const approvals = approvalsOf(request, [current?.config, config])
  if (approvals > 0 && given !== null) throw valuesNotKept(names)
  // Last, so that a refused request leaves nothing. `forgetGiven` removes values that no run takes up.
  if (given !== null && !request.plan) await ports.apps.putAside(name, given.id, asWanted(request.env))
  return approvals === 0 ? plan : { ...plan, approvals }
}

/** Of what serves and of what is to serve the one that asks for more counts. */
const approvalsOf = (
  { override }: Pick<DeployRequest, 'override'>,
  configs: ReadonlyArray<Pick<AppConfig, 'protection'> | undefined>,
): number =>
  override === undefined ? Math.max(...configs.map(config => config?.protection?.approvals ?? 0)) : 0

/** They are kept for minutes alone, and an approval takes hours. */
const valuesNotKept = (names: readonly string[]): Failure =>
  new Failure(
    'protection.values',
    `values cannot come with a deploy that waits for an approval: ${list(names)}`,
    {
      why: 'they would have to be kept somewhere until it is approved',
      fix: `\`inn secrets set ${names[0]}\` first, then deploy without --env`,
    },
  )

/** A source of which everything is as it was has no other migrations either. */
const judgedFor = (
  ports: DeployPorts,
  { name, request, config, promoted }: Wanted,
  reuse: Reuse,
): Promise<string[]> =>
  reuse.from !== null
    ? Promise.resolve([])
    : ports.judged({
        ...{ app: name, config, upload: request.upload ?? null, warn: request.override !== undefined },
        tree: promoted === null ? null : treeOf(ports, promoted.from),
      })

const treeOf = (ports: DeployPorts, release: Release) =>
  ports.source(ports.home.app(release.app).release(builtIn(release)).tree)

/** What serves now has its say too. */
function checkProtected(
  ports: DeployPorts,
  { name, request, role, config, current, promoted }: Wanted,
): void {
  const attempt = {
    app: name,
    branch: request.branch,
    from: promoted === null ? null : parseApp(promoted.from.app).environment,
    override: request.override ?? null,
    role,
    now: ports.clock.now(),
  }
  checkProtection([current?.config.protection, config.protection], attempt, ports.nextRun)
}

/** The release whose configuration holds now; null: nothing serves. */
export async function servingOf(
  { apps, releases }: Pick<DeployPorts, 'apps' | 'releases'>,
  name: string,
): Promise<Release | null> {
  const app = await apps.find(name)
  const id = app === null ? null : currentRelease(app)
  return id === null ? null : releases.find(name, id)
}

const asWanted = (env: Readonly<Record<string, string>>): WantedSecrets =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, { value }]))

interface Asking {
  config: AppConfig
  kept: Readonly<Record<string, KeptSecret>>
  given: Readonly<Record<string, string>>
  now: number
}

/**
 * The secrets that a deploy asks for where they are kept. `inBuild`: a build reads one of them, so what it will see is
 * not known yet. One that is young enough now stays as it is for builds: the plan counts on it.
 */
function askedFor({ config, kept, given, now }: Asking): { names: string[]; inBuild: boolean } {
  const uses = secretUses(config)
  const found = Object.entries(kept).flatMap(([name, { from }]) => {
    const own = uses.filter(use => use.secret === name)
    if (from === undefined || own.length === 0 || Object.hasOwn(given, name)) return []
    const build = own.some(use => use.when === 'build')
    return build && !isDue(from, now) ? [] : [{ name, build }]
  })
  return { names: found.map(({ name }) => name).sort(), inBuild: found.some(({ build }) => build) }
}

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

/** The port that a server of the app has, or a free one: each has its own place among those. */
async function portOf(
  { apps }: Pick<DeployPorts, 'apps'>,
  name: string,
  { ports, free, nth }: Pick<World, 'ports' | 'free'> & { nth: number },
): Promise<number> {
  return ports[name] ?? (await apps.ports()).get(name) ?? free.at(nth)!
}
