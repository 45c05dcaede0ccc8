import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { Wanted } from '../app/secrets.ts'
import { artifactsNow } from '../releases/rule.ts'
import type { DeployPorts } from './ports.ts'
import { neededBy, planSecrets, type SecretsWish } from './secrets.ts'
import type { Sight } from './sight.ts'
import type { DeployStep } from './step.ts'

/** The `name:` of innkeeper.yaml. */
const APP_NAME = /^[a-z][a-z0-9-]*$/

interface Asked {
  name: string
  wanted: Wanted
  /** Whether a plan alone is asked for. */
  plan: boolean
}

/** Plans other values for secrets of an app, also of one that is yet to come. Failure `secret.needed`. */
export async function planOfSecrets(
  ports: DeployPorts,
  sight: Sight,
  { name, wanted, plan: alone }: Asked,
): Promise<Plan<DeployStep>> {
  const app = await ports.apps.find(name)
  if (app === null && !APP_NAME.test(name)) await ports.apps.get(name)
  const serving = app?.state === 'running' ? await servingOf(ports, sight, name) : null
  const kept = await ports.apps.keptSecrets(name)
  const gone = Object.keys(wanted).filter(secret => wanted[secret] === null)
  if (serving !== null && gone.length > 0) {
    const left = { ...kept }
    for (const secret of gone) delete left[secret]
    const missed = neededBy(serving.release.config, left).filter(secret => gone.includes(secret))
    if (missed.length > 0) throw needed(name, missed, serving.release.id)
  }
  const given = { id: ports.random(24), names: Object.keys(wanted).sort() }
  const earlier = Object.fromEntries(
    given.names.flatMap(secret => {
      const previous = wanted[secret]?.previous ?? kept[secret]?.previous
      return previous === undefined ? [] : [[secret, previous.of]]
    }),
  )
  const plan = planSecrets({ app: name, given, earlier, stopped: app?.state === 'stopped', serving })
  // Last, so that a refused request leaves nothing.
  if (!alone) await ports.apps.putAside(name, given.id, wanted)
  const early = app === null ? [`there is no ${name} yet: kept for its first deploy`] : []
  return { ...plan, notices: [...plan.notices, ...early] }
}

async function servingOf(
  ports: DeployPorts,
  sight: Sight,
  name: string,
): Promise<NonNullable<SecretsWish['serving']>> {
  const { release } = await sight.current(name)
  const world = await sight.world(name, { config: release.config })
  const artifacts = artifactsNow(world.app, await ports.releases.list(name))
  return { world, release, artifacts, number: await ports.releases.nextNumber(name) }
}

const needed = (app: string, names: readonly string[], release: string): Failure =>
  new Failure('secret.needed', `${app} needs ${list(names)}`, {
    why: `innkeeper.yaml of ${release} says that somebody gives ${names.length === 1 ? 'it' : 'them'} (from:), so it could not start again without`,
    fix: `\`inn secrets set ${names[0]}\` gives another value; or take it out of innkeeper.yaml, deploy, and then take it away`,
  })
