import { isDeepStrictEqual } from 'node:util'
import { PREVIEW, parseApp } from '../../config/app-key.ts'
import { isAppKey } from '../../config/is-app-key.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { App } from '../app/app.ts'
import type { KeptSecret, Wanted } from '../app/secrets.ts'
import type { Release, ReleaseEnv } from '../releases/release.ts'
import { artifactsNow } from '../releases/rule.ts'
import { secretOf } from '../releases/secret-uses.ts'
import type { DeployPorts } from './ports.ts'
import { neededBy, planGraceEnd, planSecrets, replacedNotices, type SecretsWish } from './secrets.ts'
import type { Sight } from './sight.ts'
import type { DeployStep } from './step.ts'

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
  if (app === null && !isAppKey(name)) await ports.apps.get(name)
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
  const same = given.names.filter(one => kept[one] !== undefined && wanted[one]?.value === kept[one].value)
  const plan = planSecrets({ app: name, given, same, earlier, stopped: app?.state === 'stopped', serving })
  // Last, so that a refused request leaves nothing.
  if (!alone) await ports.apps.putAside(name, given.id, wanted)
  const shared = parseApp(name).environment === PREVIEW
  const early =
    app !== null
      ? []
      : [
          shared
            ? 'each preview has it from its next deploy on'
            : `there is no ${name} yet: kept for its first deploy`,
        ]
  const replaced = replacedNotices(
    kept,
    given.names.filter(one => wanted[one] != null && wanted[one].from === undefined),
  )
  const title = `${plan.title}${commandsOf(wanted, kept)}`
  return { ...plan, title, notices: [...plan.notices, ...replaced, ...early] }
}

/** The commands that are named anew, for the audit log. */
function commandsOf(wanted: Wanted, kept: Readonly<Record<string, KeptSecret>>): string {
  const named = Object.entries(wanted).flatMap(([name, one]) => {
    const argv = one?.from?.argv
    return argv === undefined || isDeepStrictEqual(argv, kept[name]?.from?.argv) ? [] : [argv.join(' ')]
  })
  return named.length === 0 ? '' : `, as said by ${list(named)}`
}

/** Plans the end of the time of earlier values that the release which serves has. */
export async function planOfGraceEnd(
  ports: DeployPorts,
  sight: Sight,
  { name, variables }: { name: string; variables: readonly string[] },
): Promise<Plan<DeployStep>> {
  const serving = await servingOf(ports, sight, name)
  const kept = await ports.apps.keptSecrets(name)
  const names = variables.filter(variable => kept[variable]?.previous !== undefined)
  const given = names.length === 0 ? null : { id: ports.random(24), names }
  const plan = planGraceEnd({ app: name, variables, given, serving })
  if (given !== null) await ports.apps.putAside(name, given.id, Object.fromEntries(names.map(n => [n, null])))
  return plan
}

async function servingOf(
  ports: DeployPorts,
  sight: Sight,
  name: string,
): Promise<NonNullable<SecretsWish['serving']>> {
  const release = await sight.release(name)
  const world = await sight.world(name, { config: release.config })
  const releases = await ports.releases.list(name)
  checkWhole(world.app, release, releases)
  const artifacts = artifactsNow(world.app, releases)
  const newer = newerThan(
    release,
    await ports.releases.env(name, release.id),
    await ports.apps.keptSecrets(name),
  )
  return { world, release, artifacts, newer, number: await ports.releases.nextNumber(name) }
}

/** A service that a partial deploy left alone goes on with its files, so that its configuration must be that of its files. */
function checkWhole({ name, live }: App, current: Release, releases: readonly Release[]): void {
  const other = current.config.services.find(service => {
    const as = releases.find(r => r.id === live[service.name]?.release)?.config
    const then = as?.services.find(s => s.name === service.name)
    return then !== undefined && !isDeepStrictEqual(then, service)
  })
  if (other === undefined) return
  const id = live[other.name]!.release
  throw new Failure('secret.partial', `${other.name} of ${name} still runs as ${id}`, {
    why: `a partial deploy left it alone, and ${current.id} says something else of it, which its files may not fit`,
    fix: '`inn deploy`, without --only, brings both together; with --env-file it takes other values along',
  })
}

/** Secrets whose kept value is another one than the services of a release were started with. */
function newerThan(
  { config }: Release,
  env: ReleaseEnv,
  kept: Readonly<Record<string, KeptSecret>>,
): string[] {
  const found = config.services.flatMap(({ name, env: own }) =>
    Object.entries({ ...config.env, ...own }).flatMap(([variable, value]) => {
      const secret = secretOf(variable, value)
      const had = env[name]?.[variable]
      return secret !== null && had !== undefined && kept[secret] !== undefined && kept[secret].value !== had
        ? [secret]
        : []
    }),
  )
  return [...new Set(found)].sort()
}

const needed = (app: string, names: readonly string[], release: string): Failure =>
  new Failure('secret.needed', `${app} needs ${list(names)}`, {
    why: `innkeeper.yaml of ${release} says that somebody gives ${names.length === 1 ? 'it' : 'them'} (from:), so it could not start again without`,
    fix: `\`inn secrets set ${names[0]}\` gives another value; or take it out of innkeeper.yaml, deploy, and then take it away`,
  })
