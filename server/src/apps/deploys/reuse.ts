import { type AppConfig, serviceOf } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import { checkBuilt } from '../releases/build.ts'
import { buildKey } from '../releases/build-key.ts'
import { sameBuild } from '../releases/rule.ts'
import type { Machine, Programs, Records, Trees } from './ports.ts'
import { NOTHING, type Reuse } from './reuse-notices.ts'
import type { DeployStep } from './step.ts'

/** No build is expected to read it, and most of what changes in it is of no build. */
const LEFT_OUT = 'innkeeper.yaml'

type KeyPorts = Pick<Records, 'home'> & Pick<Programs, 'runtimes'> & { files: Pick<Trees, 'digest'> }

interface Source {
  /** sha256 of the uploaded archive. */
  upload: string
  config: AppConfig
  /** The services that are deployed; null: all. */
  only: readonly string[] | null
  secrets: Readonly<Record<string, string>>
}

/** The key of the builds of an uploaded source. */
export async function keyOf(ports: KeyPorts, { upload, config, only, secrets }: Source): Promise<string> {
  const archive = ports.home.upload(upload)
  return buildKey({
    config,
    services: config.services.map(s => s.name).filter(name => only === null || only.includes(name)),
    secrets,
    source: await ports.files.digest(archive, LEFT_OUT),
    toolchain: await ports.runtimes.toolchain(),
  })
}

type FindPorts = KeyPorts & Pick<Records, 'releases'> & { files: Pick<Trees, 'compare'> }

/** Looks for a release whose builds saw the same, and whose files are as these builds left them. */
export async function findReuse(ports: FindPorts, app: string, source: Source): Promise<Reuse> {
  const releases = await ports.releases.list(app)
  if (!releases.some(r => r.state === 'ready' && r.buildKey !== null)) return NOTHING
  const found = sameBuild(releases, await keyOf(ports, source))
  if (found === null) return NOTHING
  const { tree, seal } = ports.home.app(app).release(found.id)
  const { lost } = await ports.files.compare(tree, seal)
  return lost === null
    ? { from: found, changed: null }
    : { from: null, changed: { in: found.id, path: lost } }
}

type UsePorts = Pick<Records, 'home' | 'releases'> & Pick<Programs, 'source'>

/** Sees that the files of an earlier release fit the configuration of this one. Returns what a person should know. */
export async function reuseBuild(
  ports: UsePorts & { files: Pick<Machine['files'], 'exists'> },
  step: Extract<DeployStep, { kind: 'release.reuse' }>,
): Promise<string> {
  const { config } = await ports.releases.get(step.app, step.release)
  const { tree } = ports.home.app(step.app).release(step.from)
  if (!(await ports.files.exists(tree))) throw gone(step.from)
  const source = ports.source(tree)
  const said: string[] = []
  for (const name of step.services) {
    const pages = await checkBuilt(source, config, serviceOf(config, name))
    if (pages !== null) said.push(pages)
  }
  return ['nothing that a build sees changed', ...said].join('; ')
}

const gone = (release: string): Failure =>
  new Failure('release.gone', `the files of ${release} are gone`, {
    why: 'they were there when this deploy was planned, and something else than Innkeeper removed them',
    fix: '`inn deploy --fresh` builds them anew',
  })
