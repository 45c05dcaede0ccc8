import type { Plan } from '../../engine/plan.ts'
import { iso } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { type App, currentRelease } from '../app/app.ts'
import type { KeptSecret } from '../app/secrets.ts'
import type { DeployStep } from '../deploys/step.ts'
import type { Release } from '../releases/release.ts'
import { type SecretUse, secretUses } from '../releases/secret-uses.ts'
import { createGraces } from './graces.ts'
import type { SecretPorts } from './ports.ts'
import { createReferences, credentialViews, fromView } from './references.ts'
import { ageAlarms, weakness } from './rule.ts'
import { isOwn, unknownSecret, wantedOf } from './wanted.ts'
import type { SecretsDiff, SecretsRequest, SecretView } from './wire.ts'

export type Secrets = ReturnType<typeof createSecrets>

/** The secrets of apps, for the people who keep them. */
export function createSecrets(ports: SecretPorts) {
  const { apps, releases, deployer, clock } = ports

  const graces = createGraces(ports)
  const references = createReferences(ports)

  async function own(app: string): Promise<Record<string, KeptSecret>> {
    const kept = Object.entries(await apps.keptSecrets(app)).filter(([name]) => isOwn(name))
    return Object.fromEntries(kept)
  }

  async function serving(app: App | null): Promise<Release | null> {
    const id = app === null ? null : currentRelease(app)
    return id === null ? null : releases.find(app!.name, id)
  }

  async function usesOf(app: App | null): Promise<SecretUse[]> {
    const release = await serving(app)
    return release === null ? [] : secretUses(release.config)
  }

  /** Secrets may be given before the first deploy. Failure `app.unknown`. */
  async function known(app: string) {
    const all = await apps.keptSecrets(app)
    if (Object.keys(all).length === 0) await apps.get(app)
    const kept = await own(app)
    return { kept, uses: await usesOf(await apps.find(app)) }
  }

  return {
    references,

    async list(app: string): Promise<SecretView[]> {
      const { kept, uses } = await known(app)
      const credentials = credentialViews(await apps.keptSecrets(app))
      return [...Object.entries(kept).map(([name, one]) => viewOf(name, one, uses)), ...credentials].sort(
        (a, b) => a.name.localeCompare(b.name),
      )
    },

    async get(app: string, name: string): Promise<string> {
      const { kept } = await known(app)
      if (Object.hasOwn(kept, name)) return kept[name]!.value
      throw unknownSecret(name, { app, kept })
    },

    async diff(app: string, given: Readonly<Record<string, string>>): Promise<SecretsDiff> {
      const { kept } = await known(app)
      const names = Object.keys(given).sort()
      const among = (wanted: (name: string) => boolean) => names.filter(wanted)
      return {
        same: among(name => kept[name]?.value === given[name]),
        different: among(name => Object.hasOwn(kept, name) && kept[name]!.value !== given[name]),
        missing: among(name => !Object.hasOwn(kept, name)),
        more: Object.keys(kept)
          .filter(name => !Object.hasOwn(given, name))
          .sort(),
      }
    },

    async plan(app: string, request: SecretsRequest): Promise<Plan<DeployStep>> {
      const release = await serving(await apps.find(app))
      const wanted = wantedOf(request, {
        ...{ app, kept: await own(app), uses: release === null ? [] : secretUses(release.config) },
        ...{ variables: variablesOf(release), now: clock.now(), draw: ports.random },
      })
      return deployer.planSecrets(app, wanted, { plan: request.plan })
    },

    endGraces: graces.end,

    async alarms(): Promise<Alarm[]> {
      const now = clock.now()
      const found = (await apps.all()).map(async ({ name }) => {
        // What is kept elsewhere gets its new values there.
        const kept = Object.entries(await own(name)).filter(([, { from }]) => from === undefined)
        const unnoted = kept.some(([, { since }]) => since === null) ? await releases.firstAt(name) : now
        return ageAlarms(
          name,
          kept.map(([secret, { since }]) => ({ name: secret, since: since ?? unnoted })),
          now,
        )
      })
      return [...(await Promise.all(found)).flat(), ...(await graces.alarms())]
    },
  }
}

const variablesOf = (release: Release | null): ReadonlySet<string> =>
  new Set(
    release === null
      ? []
      : [release.config.env, ...release.config.services.flatMap(s => [s.env, s.buildEnv])].flatMap(env =>
          Object.keys(env),
        ),
  )

function viewOf(
  name: string,
  { value, since, previous, from }: KeptSecret,
  all: readonly SecretUse[],
): SecretView {
  const uses = all.filter(use => use.secret === (previous?.of ?? name))
  return {
    name,
    made: from !== undefined ? 'reference' : uses.some(use => use.generated !== null) ? 'generated' : 'given',
    since: since === null ? null : iso(since),
    usedBy: [...new Set(uses.map(use => use.by))],
    weak: weakness(name, value),
    from: from === undefined ? null : fromView(from),
    previous: previous === undefined ? null : { of: previous.of, until: iso(previous.until) },
  }
}
