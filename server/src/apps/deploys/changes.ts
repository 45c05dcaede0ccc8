import type { PreviewRules } from '../../config/as-preview.ts'
import { synchronousFolder } from '../../config/backups.ts'
import { type AppConfig, serviceOf } from '../../config/config.ts'
import type { MaskedCopy } from '../../config/masks.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, didYouMean, list } from '../../kernel/words.ts'
import type { Colour } from '../../reach/edge/edge.ts'
import { type App, currentRelease, type Deployment, newest, older } from '../app/app.ts'
import { buildLock } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import { planActivation } from './plan.ts'
import { type Reuse, reuseNotices } from './reuse-notices.ts'
import { type SchemaNow, schemaNotices } from './schema-rule.ts'
import { valueSteps } from './secrets.ts'
import type { DeployStep } from './step.ts'
import type { Origin } from './wire.ts'
import type { World } from './world.ts'

export interface DeployWish {
  /** Number of the release that is to be made. */
  number: number
  upload: string
  commit: string | null
  branch?: string | null
  config: AppConfig
  /** Digest of the configuration. */
  digest: string
  only: readonly string[] | null
  watchMs: number | null
  /** The release whose configuration holds now, when there is one. */
  current: Release | null
  /** Service → release whose files it runs now. */
  artifacts: Release['artifacts']
  redisPort: number | null
  poolerPort: number | null
  /** The values that came with the request. `id`: the name under which they are put aside; null: none came. */
  given: { id: string; names: readonly string[] } | null
  /** What makes it a preview; missing: it is none. */
  rules?: PreviewRules | null
  /** Whether its new database is filled with examples. */
  seed?: boolean
  /** Secrets that are asked for where they are kept; null: none is. */
  resolved: DeployWish['given']
  /** The key of the app that its new database is a masked copy of, and the rules; missing: it is none. */
  copy?: { from: string; mask: MaskedCopy['mask'] } | null
  /** Name of the restore point before the release step; null: there is no database yet, or it is on another server. */
  point: string | null
  /** Whether all is made anew. */
  fresh: boolean
  /** Which earlier files serve again. */
  reuse: Reuse
  /** The release of another environment whose built files are copied; missing: it is built. */
  bring?: { app: string; release: string }
  /** What it says of itself; default: that it is deployed. */
  title?: string
  /** Why it passes what the environment is protected by. */
  override?: string | undefined
  /** What a person should know before it begins. */
  warnings: readonly string[]
  /** Where the source comes from, when the app is to remember that. */
  origin?: Origin | undefined
}

/** Plans a deploy: new source → build → release step → start in the other colour → switch → watch. */
export function planDeploy(world: World, wish: DeployWish): Plan<DeployStep> {
  const { config, only } = wish
  const app = world.app.name
  const release = `r${wish.number}`
  const services = chosen(config, only, wish.artifacts)
  const artifacts = Object.fromEntries(
    config.services.map(s => [
      s.name,
      services.includes(s.name) ? (wish.reuse.from?.id ?? release) : (wish.artifacts[s.name] ?? release),
    ]),
  )
  return planActivation(world, {
    kind: 'deploy',
    title: titleOf(wish, `deploy ${release} of ${app}${only === null ? '' : ` (only ${list(only)})`}`),
    goal: { release, config, artifacts },
    services,
    watchMs: wish.watchMs ?? config.watch,
    origin: wish.origin,
    before: buildSteps(world, wish, services),
    more: wish.bring === undefined ? [] : [buildLock(wish.bring.app)],
    notices: [
      ...wish.warnings,
      ...reuseNotices(wish.reuse),
      ...scaleNotices(world.app, config),
      ...(releaseStepOf(config) === null || migrates(config, services)
        ? []
        : [`the release step is left out: it belongs to ${config.release!.service}, which stays as it is`]),
    ],
  })
}

/** The audit log keeps the title, and with it the reason. */
const titleOf = ({ title, override }: DeployWish, usual: string): string =>
  `${title ?? usual}${override === undefined ? '' : `, past its protection: ${override}`}`

/** The command or files of the release step; null: there is none. */
export const releaseStepOf = ({ release, migrations }: AppConfig): string | null =>
  release?.command.join(' ') ??
  (migrations && migrations.tool === 'sql' ? `apply ${migrations.folder}/*.sql` : null)

/** Whether the release step can run. Its command runs in the build of one service, which a partial deploy may leave out. */
const migrates = ({ release }: AppConfig, services: readonly string[]): boolean =>
  release === null || services.includes(release.service)

/** The services that are deployed; a partial deploy needs the others to be there already. */
function chosen(config: AppConfig, only: readonly string[] | null, now: Release['artifacts']): string[] {
  const names = config.services.map(s => s.name)
  if (only === null) return names
  const unknown = only.find(name => !names.includes(name))
  if (unknown !== undefined) {
    const near = didYouMean(unknown, names)
    throw new Failure('deploy.unknown-service', `there is no service ${unknown}`, {
      why: `innkeeper.yaml has ${list(names)}`,
      fix: near === null ? 'name one of these' : `did you mean ${near}?`,
    })
  }
  const fresh = names.filter(name => !only.includes(name) && now[name] === undefined)
  if (fresh.length > 0) {
    throw new Failure(
      'deploy.first-is-whole',
      `${list(fresh)} ${fresh.length === 1 ? 'was' : 'were'} never deployed`,
      {
        why: '--only leaves the other services as they are, and these are not there yet',
        fix: '`inn deploy`, without --only',
      },
    )
  }
  return [...only]
}

function buildSteps(world: World, wish: DeployWish, services: readonly string[]): Plan<DeployStep>['steps'] {
  const app = world.app.name
  const release = `r${wish.number}`
  const { config } = wish
  const steps: Array<{ does: DeployStep; undo: DeployStep | null }> = []
  const add = (does: DeployStep, undo: DeployStep | null = null) => steps.push({ does, undo })
  const taken: DeployStep = {
    kind: 'release.take',
    app,
    release,
    upload: wish.upload,
    digest: wish.digest,
    only: wish.only,
    reuse: wish.reuse.from?.id ?? null,
    commit: wish.commit,
    branch: wish.branch ?? null,
    number: wish.number,
    port: world.app.port,
    ...(wish.rules == null ? {} : { rules: wish.rules }),
  }
  steps.push(...valueSteps(app, wish))
  if (wish.redisPort !== null) add({ kind: 'redis.provide', app, port: wish.redisPort })
  if (wish.poolerPort !== null && config.database?.pooling !== undefined) {
    const { role, pooling, major } = config.database
    add({
      kind: 'pooler.provide',
      app,
      port: wish.poolerPort,
      role,
      pooling,
      ...(major === undefined ? {} : { major }),
    })
  }
  add(taken, { kind: 'release.drop', app, release })
  if (config.database?.postgres)
    add({ kind: 'database.provide', app, connections: config.database.connections })
  // Before the builds, because what a rule lacks is found here.
  if (config.database?.postgres && wish.copy != null)
    add({ kind: 'database.copy-masked', app, ...wish.copy, connections: config.database.connections })
  const from = wish.reuse.from?.id
  if (from !== undefined) add({ kind: 'release.reuse', app, release, from, services })
  const { bring } = wish
  if (bring !== undefined) add({ kind: 'release.bring', app, release, from: bring, services })
  for (const service of from === undefined && bring === undefined ? services : []) {
    const { build, kind } = serviceOf(config, service)
    if (kind !== 'static' || build.length > 0)
      add({ kind: 'release.build', app, release, service, fresh: wish.fresh })
  }
  steps.push(...streaming(app, wish.current?.config, config))
  const command = releaseStepOf(config)
  if (command !== null && migrates(config, services)) {
    if (wish.point !== null) add({ kind: 'database.point', app, release, point: wish.point })
    add({ kind: 'release.migrate', app, release, command })
  }
  if (wish.seed && config.seed !== null)
    add({ kind: 'release.seed', app, release, command: config.seed.command.join(' ') })
  add({ kind: 'release.finish', app, release })
  return steps
}

/** Sets where commits are streamed to (`rpo: 0`), before anything of the other release writes. */
function streaming(app: string, from: AppConfig | undefined, to: AppConfig): Plan<DeployStep>['steps'] {
  const now = from === undefined ? null : synchronousFolder(from)
  const folder = synchronousFolder(to)
  if (now?.path === folder?.path) return []
  return [{ does: { kind: 'database.stream', app, folder }, undo: { kind: 'database.stream-back', app } }]
}

const byId = (releases: readonly Release[], id: string | null): Release | undefined =>
  releases.find(r => r.id === id)

function scaleNotices(app: App, config: AppConfig): string[] {
  return config.services
    .filter(s => app.scale[s.name] !== undefined && app.scale[s.name] !== s.instances && !s.singleton)
    .map(
      s =>
        `${s.name}: ${count(app.scale[s.name]!, 'instance')}, set by \`inn scale\`; the file says ${s.instances}`,
    )
}

/** Plans the return to a release: its code, environment, configuration and routing. */
export function planRollback(
  world: World,
  target: Release,
  newer: readonly Release[],
  schema: SchemaNow | null,
): Plan<DeployStep> {
  const { app } = world
  const services = target.config.services
    .map(s => s.name)
    // One that its deploy left alone, and that still runs as it did then, is what the target had, too.
    .filter(name => ![target.id, target.left[name]].includes(app.live[name]?.release))
  if (services.length === 0) {
    throw new Failure('rollback.already', `${app.name} already serves ${target.id}`, {
      why: 'there is nothing to change',
      fix: `\`inn releases ${app.name}\` lists what it can return to`,
    })
  }
  return planActivation(world, {
    kind: 'rollback',
    title: ahead(app, target)
      ? `bring ${app.name} forward to ${target.id}`
      : `roll ${app.name} back to ${target.id}`,
    goal: { release: target.id, config: target.config, artifacts: target.artifacts },
    services,
    watchMs: 0,
    before: streaming(app.name, byId(newer, currentRelease(app))?.config, target.config),
    notices: schemaNotices(target, newer, schema),
  })
}

function ahead(app: App, target: Release): boolean {
  const now = currentRelease(app)
  return now === null || older(now, target.id)
}

/** Plans to send the traffic to the other colour, whose instances still run. */
export function planSwitch(
  world: World,
  colour: Colour,
  releases: readonly Release[],
  schema: SchemaNow | null,
): Plan<DeployStep> {
  const { app } = world
  const standing = new Map<string, Deployment>()
  for (const [service, live] of Object.entries(app.live)) {
    const warm = app.warm[service]
    if (live.colour !== colour && warm?.colour === colour) standing.set(service, warm)
  }
  if (standing.size === 0) {
    const on = Object.values(app.live).every(on => on.colour === colour)
    throw new Failure(
      'switch.nothing',
      on ? `${app.name} is on ${colour} already` : `nothing stands on ${colour}`,
      {
        why: on ? 'all its services serve from there' : 'no earlier release is kept on that side',
        fix: on ? 'nothing to do' : `\`inn rollback ${app.name}\`, or deploy again`,
      },
    )
  }
  const target = byId(releases, newest([...standing.values()].map(one => one.release)))!
  // A service that a later partial deploy moved stays there, so its release may hold the configuration of the app.
  const holds = byId(releases, currentRelease({ live: { ...app.live, ...Object.fromEntries(standing) } }))!
  return planActivation(world, {
    kind: 'switch',
    title: `switch ${app.name} to ${colour}`,
    goal: { release: target.id, config: holds.config, artifacts: target.artifacts },
    services: [...standing.keys()],
    watchMs: 0,
    before: streaming(app.name, byId(releases, currentRelease(app))?.config, holds.config),
    notices: schemaNotices(target, releases, schema),
  })
}
