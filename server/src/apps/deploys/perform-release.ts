import { join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { parseApp } from '../../config/app-key.ts'
import { asPreview } from '../../config/as-preview.ts'
import { type AppConfig, serviceOf } from '../../config/config.ts'
import { digestOf } from '../../config/digest.ts'
import { readConfigOrFail } from '../../config/read.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count, list } from '../../kernel/words.ts'
import type { App } from '../app/app.ts'
import { type Program, programName, slotName } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import { type BuildOrder, type BuildPorts, build } from '../releases/build.ts'
import type { Earlier } from '../releases/earlier.ts'
import { resolveMore } from '../releases/environment.ts'
import { builtIn, isBuilt, type Release, type ReleaseEnv } from '../releases/release.ts'
import { admitBuild, artifactsNow, largest } from '../releases/rule.ts'
import { unfit } from '../releases/unfit.ts'
import { readTemplates } from '../templates/read.ts'
import { type EnvPorts, environment } from './perform-environment.ts'
import { type LinkPorts, linkPersistent, makeHome } from './perform-home.ts'
import type { Accounts, Machine, Programs, Records, Sockets, Texts, Trees } from './ports.ts'
import { keyOf } from './reuse.ts'
import type { DeployStep } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

type TakePorts = EnvPorts &
  Records &
  Programs &
  Pick<Accounts, 'account'> &
  Pick<Machine, 'clock' | 'templates'> & { files: Trees }

/** Unpacks the source, reads its configuration, and stores the release with its environment. */
export async function take(
  ports: TakePorts,
  step: Of<'release.take'>,
  context: StepContext,
): Promise<string> {
  const { app: name, release: id } = step
  const at = ports.home.app(name).release(id)
  await makeHome(ports, name)
  await ports.files.remove(at.root)
  // Closed until every file belongs to the app's user: files of the archive must not be reachable while root owns them.
  await ports.files.folder(at.root, 0o700)
  const archive = ports.home.upload(step.upload)
  const { files, bytes } = await ports.files.unpack(archive, at.tree)
  const text = (await ports.source(at.tree).text('innkeeper.yaml')) ?? ''
  const { environment: of } = parseApp(name)
  const written = readConfigOrFail(text, of)
  const config = step.rules === undefined ? written : asPreview(written, step.rules, of)
  if (digestOf(config) !== step.digest) throw changed()
  await checkFit(ports, at.tree, config)
  await ports.apps.create(name, step.port)
  const app = (await ports.apps.find(name))!
  const { env, previous } = await environment(ports, app, config)
  const artifacts = artifactsOf(step, config, artifactsNow(app, await ports.releases.list(name)))
  const secrets = await ports.apps.secrets(name)
  await ports.releases.put(
    {
      app: name,
      id,
      number: step.number,
      state: 'building',
      actor: context.actor,
      source: step.upload,
      commit: step.commit,
      branch: step.branch ?? null,
      config,
      artifacts,
      left: leftAlone(step, config, app.live),
      previous,
      migrations: [],
      sizeBytes: null,
      buildKey: await keyOf(ports, { ...step, config, secrets }),
      createdAt: ports.clock.now(),
    },
    env,
  )
  if (config.messages !== undefined)
    await ports.templates.keep(step.upload, await readTemplates(ports.source(at.tree)))
  await ports.files.own(at.tree, await ports.account(name))
  await ports.files.give(at.root, null, 0o711)
  return `${count(files, 'file')}, ${showSize(bytes)}`
}

/** Makes a release of the files that serve, whose environment has the secrets of now. */
export async function again(
  ports: EnvPorts & Records & { files: Pick<Trees, 'folder'> } & Pick<Machine, 'clock'>,
  { app: name, release: id, from, number, without }: Of<'release.again'>,
  { actor }: StepContext,
): Promise<string> {
  const app = await ports.apps.get(name)
  const known = await ports.releases.get(name, from)
  const artifacts = { ...known.artifacts, ...artifactsNow(app, await ports.releases.list(name)) }
  await ports.files.folder(ports.home.app(name).release(id).root, 0o711)
  const { env, previous } =
    without === null
      ? await environment(ports, app, known.config)
      : withoutVariables(await ports.releases.env(name, from), known.previous, without)
  // After a partial deploy the files are of several sources, so that no later source is the same as all of them.
  const whole = isDeepStrictEqual(artifacts, known.artifacts)
  await ports.releases.put(
    {
      ...{ ...known, id, number, actor, artifacts, previous, left: {}, migrations: [], sizeBytes: null },
      ...{ state: 'building', buildKey: whole ? known.buildKey : null, createdAt: ports.clock.now() },
    },
    env,
  )
  return `the files of ${list([...new Set(Object.values(artifacts))])}`
}

/** The environment of a release as it is, but for some earlier values of secrets. */
function withoutVariables(
  env: ReleaseEnv,
  previous: Release['previous'] = {},
  variables: readonly string[],
): { env: ReleaseEnv; previous: Record<string, string> } {
  const rest = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(values).filter(([name]) => !variables.includes(name)))
  return {
    env: Object.fromEntries(Object.entries(env).map(([service, values]) => [service, rest(values)])),
    previous: rest(previous),
  }
}

/** Service → release whose files it will run: this one, one that was built of the same, or for a service that is left alone the one that it runs now. */
const artifactsOf = (
  { release, only, reuse }: Of<'release.take'>,
  { services }: AppConfig,
  now: Release['artifacts'],
): Release['artifacts'] =>
  Object.fromEntries(
    services.map(({ name }) => [
      name,
      only === null || only.includes(name) ? (reuse ?? release) : (now[name] ?? release),
    ]),
  )

const leftAlone = (
  { only }: Of<'release.take'>,
  { services }: AppConfig,
  live: App['live'],
): Release['left'] =>
  Object.fromEntries(
    services.flatMap(({ name }) => {
      const release = live[name]?.release
      return only === null || only.includes(name) || release === undefined ? [] : [[name, release]]
    }),
  )

const changed = (): Failure =>
  new Failure(
    'deploy.changed',
    'innkeeper.yaml in the source differs from the one that the deploy was planned with',
    {
      why: 'what is deployed must be what was checked',
      fix: 'deploy again; if it stays so, an archive was made by something else than `inn deploy`',
    },
  )

/** What would fail after the install and the build is refused before them. */
async function checkFit(
  { source, templates }: Pick<TakePorts, 'source' | 'templates'>,
  tree: string,
  config: AppConfig,
): Promise<void> {
  const problems = await unfit(config, source(tree), files => templates.check(files))
  if (problems.length === 0) return
  throw new Failure('release.unfit', 'the source lacks what innkeeper.yaml names', {
    why: problems.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    fix: 'correct innkeeper.yaml, or add what is missing; only what git tracks is deployed. `inn check` tells it before',
  })
}

export async function drop(
  ports: Pick<Records, 'home' | 'releases'> & { files: Pick<Trees, 'remove'> },
  step: Of<'release.drop'>,
): Promise<void> {
  const found = await ports.releases.find(step.app, step.release)
  // The files of a failed release are removed; its log stays for whoever looks for the reason.
  await ports.files.remove(ports.home.app(step.app).release(step.release).tree)
  if (found !== null) await ports.releases.set(step.app, step.release, { state: 'failed' })
}

export async function buildService(
  ports: Records & Programs & BuildPorts & Pick<Machine, 'room'>,
  step: Of<'release.build'>,
  context: StepContext,
): Promise<string> {
  const release = await ports.releases.get(step.app, step.release)
  const app = ports.home.app(step.app)
  const releases = await ports.releases.list(step.app)
  const earlier = step.fresh ? [] : earlierOf(ports, releases)
  const archive = ports.home.upload(release.source)
  const at = { ...app.release(step.release), cache: app.cache }
  const { service } = step
  return buildAt(ports, { release, releases, service, at, archive, earlier, program: 'build' }, context)
}

interface Building extends Pick<BuildOrder, 'archive' | 'earlier'> {
  release: Release
  /** All of the app. */
  releases: readonly Release[]
  service: string
  /** Where it is built. `cache`: HOME of the build. */
  at: { root: string; tree: string; log: string; cache: string }
  program: Program
}

/** Builds a service of a release, as its app, with the memory that can be spared. Failure `build.no-disk`, `build.no-memory`. */
export async function buildAt(
  ports: Records & Programs & BuildPorts & Pick<Machine, 'room'>,
  { release: { app, config }, releases, service: named, at, program, ...order }: Building,
  { signal, say }: Pick<StepContext, 'signal' | 'say'>,
): Promise<string> {
  const service = serviceOf(config, named)
  return build(ports, {
    ...{ ...order, config, service, at: at.root, log: at.log, cache: at.cache, signal, say },
    confinement: await ports.confined(app, { inside: at.tree, name: programName(app, program) }),
    env: resolveMore(service.buildEnv, { secrets: await ports.apps.secrets(app) }),
    memoryBytes: await admitted(ports, config, largest(releases)),
  })
}

const earlierOf = ({ home }: Pick<Records, 'home'>, releases: readonly Release[]): Earlier[] =>
  releases
    .filter(isBuilt)
    .map(({ app, id }) => ({ id, at: home.app(app).release(id).root, tree: home.app(app).release(id).tree }))

async function admitted(
  ports: Pick<Machine, 'room'>,
  config: AppConfig,
  lastReleaseBytes: number,
): Promise<number> {
  const answer = admitBuild(await ports.room(), { buildMemory: config.buildMemory, lastReleaseBytes })
  if ('memoryBytes' in answer) return answer.memoryBytes
  const why = `${showSize(answer.have)} free, and the build needs ${showSize(answer.need)} so that the services keep theirs`
  const facts = { have: answer.have, need: answer.need }
  throw answer.refused === 'disk'
    ? new Failure('build.no-disk', 'the build was not begun: not enough free disk', {
        why,
        fix: 'free disk space (`df -h`), or keep fewer releases (keep: in innkeeper.yaml)',
        facts,
      })
    : new Failure('build.no-memory', 'the build was not begun: not enough free memory', {
        why,
        fix: 'add swap or memory, or stop what is not needed',
        facts,
      })
}

/** The PATH of programs in a release: its Node.js, its package manager, its own programs, the system's. */
export async function runPath(
  ports: Pick<Programs, 'runtimes' | 'systemPath' | 'source'>,
  { node, root, tree }: { node: number; root: string; tree: string },
): Promise<string> {
  const source = ports.source(tree)
  const managers = await Promise.all(
    (['npm', 'pnpm', 'yarn'] as const).map(async name => {
      const lockfile = { npm: null, pnpm: 'pnpm-lock.yaml', yarn: 'yarn.lock' }[name]
      const used =
        lockfile === null ||
        (await source.has(lockfile)) ||
        (await source.has(join(relative(tree, root), lockfile)))
      return used ? [await ports.runtimes.manager(name, { version: null, node })] : []
    }),
  )
  const bins = [join(root, 'node_modules/.bin'), join(tree, 'node_modules/.bin')]
  return [await ports.runtimes.node(node), ...managers.flat(), ...bins, ports.systemPath].join(':')
}

/**
 * Persistent folders are linked when nothing builds any more: a build that empties its folder would follow a link and
 * take what visitors sent, or remove the link, and what comes later would lie in the release and go with it.
 */
export async function finish(
  ports: Pick<Records, 'home' | 'releases'> &
    LinkPorts & { files: Pick<Texts, 'size'> & Pick<Trees, 'remove' | 'seal'> },
  step: Of<'release.finish'>,
  context: StepContext,
): Promise<string> {
  const release = await ports.releases.get(step.app, step.release)
  const at = ports.home.app(step.app).release(step.release)
  await linkPersistent(ports, release, context)
  const reused = builtIn(release) !== release.id
  if (reused) await ports.files.remove(at.tree)
  else await ports.files.seal(at.tree, at.seal)
  const size = await ports.files.size(at.root)
  await ports.releases.set(step.app, step.release, { state: 'ready', sizeBytes: size })
  return reused ? `the files of ${builtIn(release)}` : showSize(size)
}

/** Gives out the ports, so that from now on each answers only for the app's user. */
export async function givePorts(
  ports: Pick<Sockets, 'holdPorts'> & { apps: Pick<AppStore, 'givePort'> },
  step: Of<'slots.reserve'>,
): Promise<void> {
  for (const slot of step.slots) await ports.apps.givePort(slotName(slot), slot.port)
  await ports.holdPorts()
}
