import type { Role } from '../../api/wire.ts'
import { appKey, parseApp, sharedByPreviews } from '../../config/app-key.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { currentRelease } from '../app/app.ts'
import { builtIn, type Release } from '../releases/release.ts'
import { type Deploying, planWanted, servingOf } from './deploying.ts'
import { notAsBuilt } from './perform-bring.ts'
import type { DeployPorts } from './ports.ts'
import { isCommit, isWhole, promotionNotices, unequalBuilds } from './promotion-rule.ts'
import { configOf } from './request.ts'
import type { Sight } from './sight.ts'
import type { DeployStep } from './step.ts'
import { DeployRequest, Origin, type PromotionRequest } from './wire.ts'

interface Asked {
  /** The app in the environment that is to serve it. */
  name: string
  wish: PromotionRequest
  role: Role
}

/** Plans that an app serves what another of its environments does: the files that were built and tested there. */
export async function planOfPromotion(
  { ports, readUpload }: Deploying,
  sight: Sight,
  { name, wish, role }: Asked,
): Promise<Plan<DeployStep>> {
  const source = appKey({ ...parseApp(name), environment: wish.from })
  if (source === name) throw itself(name)
  if (sharedByPreviews(name) !== null) throw preview(name)
  const release = await whole(ports, source)
  if (wish.commit !== undefined && !isCommit(release.commit, wish.commit))
    throw otherCommit(source, release, wish.commit)
  const request = DeployRequest.parse({
    plan: wish.plan,
    upload: release.source,
    commit: release.commit,
    branch: release.branch,
    override: wish.override,
    origin: Origin.nullable().parse(await ports.apps.origin(source)),
  })
  const config = await configOf(ports, readUpload, { name, request })
  const secrets = await Promise.all([source, name].map(app => ports.apps.secrets(app)))
  const unequal = unequalBuilds(
    { config: release.config, secrets: secrets[0]! },
    { config, secrets: secrets[1]! },
  )
  if (unequal.length > 0) throw notTheSame({ source, name }, unequal)
  const bring = { app: source, release: builtIn(release) }
  const { tree, seal } = ports.home.app(source).release(bring.release)
  const { lost } = await ports.files.compare(tree, seal)
  if (lost !== null) throw notAsBuilt(bring, lost)
  const current = await servingOf(ports, name)
  const notices = promotionNotices({
    from: release,
    config,
    now: current,
    applied: await applied(ports, source),
    known: await applied(ports, name),
  })
  const promoted = { bring, from: release, notices }
  const plain = { rules: null, trusted: name }
  return planWanted(ports, sight, { name, request, role, config, current, promoted, ...plain })
}

/** The release that serves all services of an app, with files of one build. */
async function whole(
  { apps, releases }: Pick<DeployPorts, 'apps' | 'releases'>,
  app: string,
): Promise<Release> {
  const { live } = await apps.get(app)
  const id = currentRelease({ live })
  if (id === null) throw nothing(app)
  const release = await releases.get(app, id)
  if (isWhole({ live }, release)) return release
  const serving = new Set(Object.values(live).map(on => on.release))
  const built = new Set(Object.values(release.artifacts))
  throw new Failure(
    'promote.partial',
    `${app} serves files of several builds: ${list([...serving, ...built])}`,
    {
      why: 'its last deploy was of some services alone (--only), and what is promoted is one release',
      fix: `\`inn deploy --environment ${parseApp(app).environment}\` without --only, then promote`,
    },
  )
}

/** Migrations that releases of an app applied. */
const applied = async ({ releases }: Pick<DeployPorts, 'releases'>, app: string): Promise<string[]> =>
  (await releases.list(app)).flatMap(({ migrations }) => migrations)

const itself = (name: string): Failure =>
  new Failure('promote.itself', `${name} already is what it would get`, {
    why: 'both names are of one environment',
    fix: '`inn promote staging production` names two',
  })

const preview = (name: string): Failure =>
  new Failure('promote.preview', `nothing is promoted to ${name}`, {
    why: 'it is a preview, and shows what a branch is',
    fix: '`inn preview up` in a checkout of the branch',
  })

const nothing = (app: string): Failure =>
  new Failure('promote.nothing', `${app} serves nothing that could be promoted`, {
    why: 'nothing was deployed there yet, or it was stopped before its first release was live',
    fix: `\`inn deploy --environment ${parseApp(app).environment}\``,
  })

const otherCommit = (source: string, { id, commit }: Release, wanted: string): Failure =>
  new Failure('promote.commit', `${source} does not serve ${wanted.slice(0, 12)}`, {
    why: `it serves ${id}${commit === null ? ', and of which commit nobody said' : `: ${commit}`}`,
    fix: `deploy that commit there first, or leave --commit out and promote what serves`,
  })

const notTheSame = (
  { source, name }: { source: string; name: string },
  unequal: readonly string[],
): Failure =>
  new Failure('promote.builds-differ', `${name} would be built differently from ${source}`, {
    why: `a build sees these, and they are not equal: ${list(unequal)}`,
    fix: 'read such values when the app starts (env) instead of when it is built (buildEnv), or build it for this environment: `inn deploy`',
    facts: { unequal },
  })
