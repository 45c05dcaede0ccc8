import type { Engine } from '../../engine/engine.ts'
import type { Plan } from '../../engine/plan.ts'
import { iso } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { type App, currentRelease } from '../app/app.ts'
import { appLock } from '../app/names.ts'
import type { KeptSecret } from '../app/secrets.ts'
import type { AppStore } from '../app/store.ts'
import type { Deployer } from '../deploys/deployer.ts'
import type { DeployStep } from '../deploys/step.ts'
import { type SecretUse, secretUses } from '../releases/secret-uses.ts'
import type { ReleaseStore } from '../releases/store.ts'
import { ageAlarms, weakness } from './rule.ts'
import { isOwn, unknownSecret, wantedOf } from './wanted.ts'
import type { SecretsDiff, SecretsRequest, SecretView } from './wire.ts'

export interface SecretPorts {
  apps: Pick<AppStore, 'all' | 'find' | 'get' | 'keptSecrets'>
  releases: Pick<ReleaseStore, 'find' | 'firstAt'>
  deployer: Pick<Deployer, 'planSecrets'>
  engine: Pick<Engine<DeployStep>, 'start' | 'holds'>
  clock: { now(): number }
  random(length: number): string
}

export type Secrets = ReturnType<typeof createSecrets>

/** The secrets of apps, for the people who keep them. */
export function createSecrets(ports: SecretPorts) {
  const { apps, releases, deployer, engine, clock } = ports

  async function own(app: string): Promise<Record<string, KeptSecret>> {
    const kept = Object.entries(await apps.keptSecrets(app)).filter(([name]) => isOwn(name))
    return Object.fromEntries(kept)
  }

  async function usesOf(app: App | null): Promise<SecretUse[]> {
    const id = app === null ? null : currentRelease(app)
    const release = id === null ? null : await releases.find(app!.name, id)
    return release === null ? [] : secretUses(release.config)
  }

  /** Secrets may be given before the first deploy. Failure `app.unknown`. */
  async function known(app: string) {
    const kept = await own(app)
    if (Object.keys(kept).length === 0) await apps.get(app)
    return { kept, uses: await usesOf(await apps.find(app)) }
  }

  return {
    async list(app: string): Promise<SecretView[]> {
      const { kept, uses } = await known(app)
      return Object.entries(kept)
        .map(([name, one]) => viewOf(name, one, uses))
        .sort((a, b) => a.name.localeCompare(b.name))
    },

    async get(app: string, name: string): Promise<string> {
      const { kept } = await known(app)
      if (kept[name] !== undefined) return kept[name].value
      throw unknownSecret(name, { app, kept })
    },

    async diff(app: string, given: Readonly<Record<string, string>>): Promise<SecretsDiff> {
      const { kept } = await known(app)
      const names = Object.keys(given).sort()
      const among = (wanted: (name: string) => boolean) => names.filter(wanted)
      return {
        same: among(name => kept[name]?.value === given[name]),
        different: among(name => kept[name] !== undefined && kept[name].value !== given[name]),
        missing: among(name => kept[name] === undefined),
        more: Object.keys(kept)
          .filter(name => given[name] === undefined)
          .sort(),
      }
    },

    async plan(app: string, request: SecretsRequest): Promise<Plan<DeployStep>> {
      const wanted = wantedOf(request, {
        ...{ app, kept: await own(app), uses: await usesOf(await apps.find(app)) },
        ...{ now: clock.now(), draw: ports.random },
      })
      return deployer.planSecrets(app, wanted, { plan: request.plan })
    },

    /** Takes away earlier values whose grace is over, of one app at a time; called by a timer. */
    async endGraces(): Promise<void> {
      const now = clock.now()
      let failed: unknown = null
      for (const { name } of await apps.all()) {
        const over = Object.entries(await own(name)).filter(
          ([, { previous }]) => previous !== undefined && previous.until <= now,
        )
        if (over.length === 0 || engine.holds(appLock(name))) continue
        const wanted = Object.fromEntries(over.map(([secret]) => [secret, null]))
        try {
          engine.start(await deployer.planSecrets(name, wanted, { plan: false }), 'keeper')
          return
        } catch (error) {
          // One app that cannot start now must not keep the others waiting.
          failed ??= error
        }
      }
      if (failed !== null) throw failed
    },

    async alarms(): Promise<Alarm[]> {
      const now = clock.now()
      const found = (await apps.all()).map(async ({ name }) => {
        const kept = Object.entries(await own(name))
        const unnoted = kept.some(([, { since }]) => since === null) ? await releases.firstAt(name) : now
        return ageAlarms(
          name,
          kept.map(([secret, { since }]) => ({ name: secret, since: since ?? unnoted })),
          now,
        )
      })
      return (await Promise.all(found)).flat()
    },
  }
}

function viewOf(name: string, { value, since, previous }: KeptSecret, all: readonly SecretUse[]): SecretView {
  const uses = all.filter(use => use.secret === (previous?.of ?? name))
  return {
    name,
    made: uses.some(use => use.generated !== null) ? 'generated' : 'given',
    since: since === null ? null : iso(since),
    usedBy: [...new Set(uses.map(use => use.by))],
    weak: weakness(name, value),
    previous: previous === undefined ? null : { of: previous.of, until: iso(previous.until) },
  }
}
